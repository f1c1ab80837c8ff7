"""The phrases that `tfcourse.datasets.tickets` makes its messages from.

Nothing here is computed: lists of phrases, by desk and by what they are used for. A name in braces is a slot; the
slots are at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


def _lines(text: str) -> Words:
    return tuple(line.strip() for line in text.strip().splitlines())


def _phrases(text: str) -> Words:
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())


@dataclass(frozen=True)
class Desk:
    """What people write about to one desk.

    Args:
        name: Of the desk.
        share: Of all tickets, 0 to 1.
        troubles: Clauses that say what is wrong.
        singular: What the desk looks after, for "is".
        plural: The same, for "are".
        requests: What people ask of it.
        habits: Clauses that mention its things in passing, and ask for nothing.
    """

    name: str
    share: float
    troubles: Words
    singular: Words
    plural: Words
    requests: Words
    habits: Words


DESKS: tuple[Desk, ...] = (
    Desk(
        "billing",
        0.24,
        troubles=_lines(
            """
            I was charged twice for {month}
            I was charged twice for the same {fare}
            you debited {amount} euros instead of {amount}
            the {energy} bill for {month} is far too high
            the bill for the {fare} on {day} is wrong
            my refund for the {fare} has not arrived
            I was charged a late fee although I paid in time
            I got a reminder although the {energy} bill was paid in {month}
            the amount on the invoice does not match the meter
            the direct debit was taken twice in {month}
            my bank card was charged for a {fare} that I never took
            I cannot find my payment of {amount} euros in the account
            the instalments for {energy} have gone up by {amount} euros
            you have sent me the {energy} bill of my neighbour
            I paid for a {fare} and got no receipt
            the tram pass was debited {few} days too early
            """
        ),
        singular=_phrases(
            """the {energy} bill, the last invoice, the refund, the direct debit, the reminder, the late fee, the bill
            for the {fare}, the credit note"""
        ),
        plural=_phrases("the instalments, the payments for {month}, the invoices"),
        requests=_phrases(
            """please send me a corrected bill, please pay the money back, when do I get my {amount} euros back,
            could somebody explain the {energy} bill to me, please stop the direct debit, please check the amount"""
        ),
        habits=_phrases(
            """I pay by direct debit, my bills come by post, I have always paid in time,
            the bill goes to my {relative}"""
        ),
    ),
    Desk(
        "contracts",
        0.20,
        troubles=_lines(
            """
            I am moving to {street} in {month}
            we have moved to {street} and need {energy} there
            I want to cancel my {energy} contract
            I want to end my bike subscription in {month}
            my tram subscription should have ended in {month}
            nobody has confirmed my new {energy} contract
            my name has changed and the contract still has the old one
            the tariff in the contract is not the one that I chose
            the form for a new {energy} tariff was refused
            the new tenant has not been registered for {energy}
            my {relative} has died and the {energy} contract has to end
            you have extended my {energy} contract without asking
            the contract for our charging point is in the wrong name
            I gave notice in {month} and the contract still runs
            I should like to change to the green {energy} tariff
            the move to {street} was entered with the wrong date
            """
        ),
        singular=_phrases(
            """the {energy} contract, the new tariff, the change of name, my notice, the move to {street}, the bike
            subscription, the tram subscription"""
        ),
        plural=_phrases("the contract papers, the tariffs, the terms of the {energy} contract"),
        requests=_phrases(
            """please confirm the end of the contract, please send me the new contract, could you put it into my name,
            which tariff is best for {few} persons, please register us at {street}, please accept my notice"""
        ),
        habits=_phrases(
            """I have had a contract with you for {number} years, we moved here in {month}, my {relative} has the same
            tariff, our contract is with you as well"""
        ),
    ),
    Desk(
        "faults",
        0.16,
        troubles=_lines(
            """
            there has been no {energy} since {time}
            the street lamp in front of {number} {street} has gone out
            the heating in our house stays cold
            we lost power on {day} and it has not come back
            the power keeps going off in {street}
            water is coming out of the pavement in {street}
            the lights flicker on the {ordinal} floor
            the meter in the cellar hums and smells burnt
            a power line hangs low over {street}
            the hot water has been brown since {day}
            there is a smell of gas on the stairs
            the radiators have been cold for {few} days
            the lamps at the {stop} stop have been dark for {few} nights
            the water pressure has dropped since {time}
            half of the sockets have had no current since {day}
            the transformer in {street} makes a terrible noise
            """
        ),
        singular=_phrases(
            """the power cut, the heating, the street lamp, the burst pipe, the hot water, the water pressure, the gas
            pressure, the transformer"""
        ),
        plural=_phrases("the radiators, the lamps in {street}, the power cuts"),
        requests=_phrases(
            """please send somebody, when will the power be back, please mend it before {day}, how long will the repair
            take, please tell us when the heating comes on, please cordon it off"""
        ),
        habits=_phrases(
            """we heat with gas, our meter is in the cellar, the lamps in our street are new, I work on the {ordinal}
            floor"""
        ),
    ),
    Desk(
        "trams",
        0.135,
        troubles=_lines(
            """
            line {line} was {number} minutes late again
            the {time} tram to {stop} did not come at all
            the driver of line {line} went past the {stop} stop
            the driver shut the door in front of my {relative}
            the timetable at the {stop} stop is out of date
            the display showed a tram that never came
            line {line} is so full in the morning that nobody gets on
            the stop at {stop} was moved and there is no sign
            the heating in line {line} was off all week
            the inspector on line {line} was very rude
            the connection at {stop} is missed every evening
            the doors of the last car do not open
            the voice in line {line} names the wrong stops
            the {time} tram left {few} minutes too early
            a tram has blocked the crossing at {stop} since {time}
            the wheels of line {line} squeal all night in {street}
            """
        ),
        singular=_phrases(
            """line {line}, the {time} tram, the timetable, the stop at {stop}, the connection at {stop}, the delay of
            line {line}, the noise of the tram"""
        ),
        plural=_phrases("the trams to {stop}, the delays, the doors of the tram"),
        requests=_phrases(
            """please let line {line} wait, please bring the early tram back, why does nobody tell us,
            please correct the timetable, could you talk to the driver, please put up a sign at {stop}"""
        ),
        habits=_phrases(
            """I take line {line} to work, I wrote this on the tram, the tram stops in front of our house, I know the
            timetable by heart"""
        ),
    ),
    Desk(
        "passes",
        0.11,
        troubles=_lines(
            """
            the reader on line {line} does not take my pass
            I lost my monthly pass on {day}
            my student pass has not come
            the ticket machine at {stop} kept my money and printed nothing
            the ticket in the app was gone when the inspector came
            my pass was stolen in {month}
            the photo on my new pass is not mine
            my card is bent and no reader takes it
            the app has hidden my ticket since the update
            I bought a day ticket for the wrong zone
            my pass is valid in one zone only
            I was fined although I had a ticket
            the gate at {stop} does not read my card
            my {relative} needs a school pass and the form ends in an error
            the ticket machine at {stop} takes no notes
            my new pass begins a month too late
            """
        ),
        singular=_phrases(
            """my pass, the ticket machine, the day ticket, the school pass, the fine, the card reader, the photo on the
            pass"""
        ),
        plural=_phrases("the ticket machines, my tickets, the card readers"),
        requests=_phrases(
            """please send me a new pass, how do I get another card, please block the card, please withdraw the fine,
            where do I get a new ticket, please add the second zone"""
        ),
        habits=_phrases(
            """I have had a pass since 2015, my {relative} has a student pass, I buy my tickets in the app, my card is
            always in my pocket"""
        ),
    ),
    Desk(
        "bikes",
        0.08,
        troubles=_lines(
            """
            bike {bike} has a flat tyre
            bike {bike} does not lock at the {stop} dock
            the dock at {stop} did not take the bike back
            the brakes of bike {bike} hardly work
            the saddle of bike {bike} slips down
            the app says that I am still riding bike {bike}
            there is never a bike at {stop} in the morning
            the chain of bike {bike} came off at {stop}
            the light of the bike went out at {time}
            the lock opened only at the {ordinal} try
            all docks at {stop} were full and I could not return the bike
            the cargo bike cannot be booked
            bike {bike} has been lying in the canal since {day}
            the battery of the electric bike was empty in {street}
            the pedal of bike {bike} is broken
            the basket of bike {bike} has come loose
            """
        ),
        singular=_phrases("bike {bike}, the dock at {stop}, the cargo bike, the bike, the lock of the bike"),
        plural=_phrases("the bikes at {stop}, the docks, the brakes of the bike"),
        requests=_phrases(
            """please collect the bike, please end the ride, please bring more bikes to {stop}, could you repair it,
            please release the lock, please check the brakes"""
        ),
        habits=_phrases(
            """I ride a bike to work, I like your bikes, there is a dock in front of our house,
            I came by bike on {day}"""
        ),
    ),
    Desk(
        "charging",
        0.05,
        troubles=_lines(
            """
            the charging point in {street} does not start
            the cable is stuck in my car
            my car was not charged although the light was green
            the charging point at {stop} shows an error
            charging stopped after {number} minutes
            the charging point in {street} is blocked by a van
            the plug of the charging point in {street} is broken
            the display of the charging point has been dark since {day}
            the charging card is not read in {street}
            my car has charged very slowly since {month}
            the charging point does not release the cable
            there is no current at the charging point in {street}
            the app does not find the charging point at {stop}
            the charging point hums and does nothing
            the session broke off at {time} and the car stayed empty
            the socket at the charging point is loose
            """
        ),
        singular=_phrases(
            "the charging point, the cable, the plug, the charging card, the charging session, the point in {street}"
        ),
        plural=_phrases("the charging points, the sockets at {stop}, the charging cables"),
        requests=_phrases(
            """please free the cable, please restart the charging point, when can I charge again, please tow the van
            away,
            please unlock the plug, could you start it from afar"""
        ),
        habits=_phrases(
            """my car is electric, I charge at {stop} every {day}, there is a charging point in our street,
            my {relative} drives an electric car"""
        ),
    ),
    Desk(
        "lost property",
        0.025,
        troubles=_lines(
            """
            I left my {item} on line {line}
            my {item} stayed in the {time} tram to {stop}
            I lost my {item} between {stop} and {stop}
            my {relative} forgot a {item} at the {stop} stop
            I must have dropped my {item} on the tram
            my {item} was in the basket of bike {bike}
            somebody took my {item} by mistake
            I left my {item} on the bench by the charging point
            I found a {item} under a seat of line {line}
            my {item} is still on the counter in your office
            """
        ),
        singular=_phrases("my lost {item}, the loss of my {item}, the {item} that I lost, the {item} of my {relative}"),
        plural=_phrases("my lost keys, the lost glasses, the gloves that I lost"),
        requests=_phrases(
            """has anybody handed in a {item}, where can I fetch it, please look under the seats, please ask the driver
            of line {line}, please keep it for me"""
        ),
        habits=_phrases(
            """I always carry my {item}, my {item} got wet, I bought my {item} abroad, my {relative} gave me a {item}"""
        ),
    ),
)


@dataclass(frozen=True)
class Vague:
    """What may be meant for one desk or for another; the words do not tell.

    Args:
        desks: The names of the two.
        shares: Of each desk's tickets, those that are no clearer than this, 0 to 1.
        uneven: The same in an uneven inbox.
        troubles: The clauses.
    """

    desks: tuple[str, str]
    shares: tuple[float, float]
    uneven: tuple[float, float]
    troubles: Words


VAGUE: tuple[Vague, ...] = (
    Vague(
        ("lost property", "passes"),
        (0.50, 0.17),
        (0.75, 0.36),
        _lines(
            """
            I lost my card case at {stop}
            my wallet with the pass has been gone since {day}
            I cannot find my pass any more, I had it on line {line}
            my card case is gone, I last had it at {stop}
            I have lost everything, the pass as well, on line {line}
            my {relative} has lost the wallet with the pass
            """
        ),
    ),
    Vague(
        ("charging", "billing"),
        (0.45, 0.13),
        (0.75, 0.13),
        _lines(
            """
            my charging session on {day} went wrong
            something is wrong with the charging session in {street}
            the app shows {amount} for a session of {few} minutes
            I have a question about charging at {stop} on {day}
            the charging session of {day} is not what it should be
            the session at {time} shows nothing but zeros
            """
        ),
    ),
    Vague(
        ("bikes", "billing"),
        (0.38, 0.17),
        (0.70, 0.20),
        _lines(
            """
            my ride with bike {bike} lasted {few} hours, says the app
            something is wrong with my ride on {day}
            the ride from {stop} to {stop} was not mine
            I returned bike {bike} at {time} and the app says otherwise
            there are two rides on {day} and I took one
            I have a question about the ride with bike {bike}
            """
        ),
    ),
    Vague(
        ("passes", "contracts"),
        (0.22, 0.15),
        (0.30, 0.20),
        _lines(
            """
            there is a mistake in my subscription
            my subscription for line {line} begins on the wrong day
            the name on my subscription is not right
            my {relative} and I should have one subscription
            I have changed schools and so has my subscription to change
            my subscription is for the wrong zones
            """
        ),
    ),
)
"""Tickets that say too little. The first desk is the smaller one, and a larger part of its tickets are of this kind."""
SETTLED = (
    "{is} all right now",
    "{is} no longer a problem",
    "{is} sorted out",
    "{is} fine again",
    "{is} not why I am writing",
    "{is} another matter",
    "{has} been seen to",
    "{has} been put right",
    "{was} dealt with last week",
    "{is} no longer an issue",
)
"""What is said of things that ask for nothing."""
UNSETTLED = (
    "{is} still not in order",
    "{is} why I am writing",
    "{is} a problem again",
    "{is} not sorted out at all",
    "{has} not been seen to",
    "{was} never put right",
    "{has} gone wrong again",
)
"""What is said of things that ask for something: the same words, nearly."""
OVER = (
    "that is settled",
    "you have seen to that",
    "that was put right",
    "that is no longer a problem",
    "that has been dealt with",
    "that is over",
    "I have an answer to that",
)
"""What follows a trouble that is over."""
BEFORE = (
    "last {month} I wrote that {other}",
    "my message of last {month} was that {other}",
    "your colleague was told that {other}",
    "in {month} I had to tell you that {other}",
    "my last message said that {other}",
)
"""How a trouble that is over is told."""
TURNS = ("but now {own}", "this time {own}", "now {own}", "but {own}", "what is left is this: {own}")
"""How the trouble that is not over is told after it."""
HEARSAY = (
    "my {relative} wrote to you because {other}, and I write because {own}",
    "my {relative} complains that {other}. My own trouble is another: {own}",
    "I do not mind that {other}, but {own}",
    "I could live with it that {other}, but {own}",
    "it is nothing new that {other}. What is new: {own}",
    "{own}. That {other} is the business of my {relative}",
    "{own}. I do not mind that {other}",
)
NOT_BUT = (
    "this is not about {other}, it is about {own}",
    "I am writing about {own}, not about {other}",
    "my question is about {own} and not about {other}",
    "please look at {own}, not at {other}",
    "it is {own} that I worry about, not {other}",
    "{other} can wait, {own} cannot",
    "I do not mean {other}, I mean {own}",
)
OPENINGS = ("", "", "", "hello", "good morning", "good evening", "dear team", "hi", "dear sir or madam", "hello all")
ASIDES = _lines(
    """
    I have been a customer for {number} years
    my customer number is {customer}
    this is my {ordinal} message
    your hotline let me wait for {number} minutes
    I live on the {ordinal} floor of {number} {street}
    I can be reached after {time}
    my {relative} says the same
    I noticed it on {day}
    it was a {weather} {day}
    I have asked in your office at {stop} already
    nobody has answered me since {month}
    I write for my {relative}, who has no computer
    """
)
REQUESTS = _lines(
    """
    please help
    please answer soon
    what can be done
    could somebody call me
    can you look into it
    please tell me what to do
    I hope for an answer by {day}
    """
)
CLOSINGS = ("thanks", "many thanks", "kind regards", "best wishes", "yours", "regards", "thank you in advance")

SLOTS: dict[str, Words] = {
    "day": _phrases("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    "month": _phrases(
        "January, February, March, April, May, June, July, August, September, October, November, December"
    ),
    "energy": _phrases("power, electricity, gas, heating, water"),
    "fare": _phrases("bike ride, tram ride, charging session, monthly pass, day ticket, school pass, cargo bike"),
    "relative": _phrases("mother, father, wife, husband, daughter, son, sister, brother, neighbour, landlady, aunt"),
    "ordinal": _phrases("first, second, third, fourth, fifth, sixth"),
    "weather": _phrases("rainy, foggy, cold, sunny, stormy, frosty, hot, windy"),
    "item": _phrases(
        """umbrella, scarf, rucksack, wallet, phone, laptop, jacket, hat, handbag, violin, teddy bear, briefcase, book,
        lunch box, watch, sketchbook, cap, suitcase, camera, key ring, notebook, jumper, walking stick, helmet"""
    ),
    "street": _phrases(
        """Mill Lane, Station Road, Harbour Street, Church Street, Linden Avenue, Rope Walk, Baker Street, Castle Road,
        Garden Row, Tanner Street, Bridge Street, Chestnut Avenue, Weaver Lane, Dock Road, School Lane, Orchard Road,
        King Street, Cooper Lane, Meadow Road, Quarry Street, Spring Lane, Market Row, Abbey Road, Vine Street"""
    ),
    "stop": _phrases(
        """Town Hall, Old Harbour, University, Central Station, Fish Market, North Gate, Hospital, Botanical Garden,
        Museum, Stadium, East Bridge, Opera, Water Tower, Cathedral, Zoo, Ferry Quay, Brewery, Airport, South Park"""
    ),
    "first": _phrases(
        """Ada, Ben, Carla, David, Elif, Farid, Greta, Hugo, Ines, Jonas, Klara, Luca, Mira, Nils, Olga, Piet, Rosa,
        Samir,
        Tilda, Ursula, Viktor, Wanda, Yusuf, Zoe"""
    ),
    "surname": _phrases(
        """Abel, Brandt, Costa, Dahl, Engel, Fischer, Gruber, Hansen, Ivanova, Jansen, Kaya, Lindqvist, Moreau, Novak,
        Okafor, Petersen, Quist, Rossi, Schmidt, Tanaka, Ueda, Virtanen, Weber, Yilmaz, Zeman"""
    ),
}
