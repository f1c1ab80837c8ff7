"""The words that `tfcourse.datasets.reviews` makes its sentences from.

Nothing here is computed: lists of words, by what they are used for. Entries are separated by commas or by
white space; where an entry may hold a space, the list is separated by commas only.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


def _words(text: str) -> Words:
    return tuple(text.replace(",", " ").split())


def _phrases(text: str) -> Words:
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())


@dataclass(frozen=True)
class Judgement:
    """What can be said for and against one sort of thing.

    Args:
        praise: Adjectives that speak for it.
        blame: Adjectives that speak against it.
        anything: Whether the adjectives that suit most nouns suit it too.
    """

    praise: Words
    blame: Words
    anything: bool = True


@dataclass(frozen=True)
class Things:
    """Nouns that are judged with the same adjectives.

    Args:
        judgement: A key of `JUDGEMENTS`.
        singular: Nouns that take "was".
        plural: Nouns that take "were".
    """

    judgement: str
    singular: Words = ()
    plural: Words = ()


# --- adjectives -------------------------------------------------------------------------------------------------

JUDGEMENTS: dict[str, Judgement] = {
    "anything": Judgement(
        praise=_words(
            """excellent superb wonderful lovely great good brilliant splendid terrific marvellous outstanding
            exceptional impressive delightful perfect fantastic magnificent admirable first-rate remarkable
            pleasing glorious"""
        ),
        blame=_words(
            """awful dreadful terrible poor bad horrible disappointing dire abysmal lousy appalling atrocious
            mediocre woeful miserable unacceptable hopeless pathetic second-rate frustrating annoying
            underwhelming"""
        ),
    ),
    "food": Judgement(
        praise=_words(
            """delicious tasty fragrant flavoursome mouth-watering appetising aromatic scrumptious moreish
            well-seasoned nourishing heavenly hearty wholesome exquisite satisfying"""
        ),
        blame=_words(
            """bland greasy watery tasteless lukewarm oversalted mushy inedible unappetising stodgy flavourless
            oily vile insipid reheated sickly"""
        ),
    ),
    "meat": Judgement(
        praise=_words("juicy tender succulent fresh delicious tasty flavoursome well-seasoned smoky lean"),
        blame=_words("rubbery tough chewy dry overcooked undercooked burnt gristly fatty stringy"),
    ),
    "people": Judgement(
        praise=_words(
            """friendly attentive polite helpful courteous cheerful patient considerate efficient gracious
            welcoming obliging knowledgeable professional thoughtful kind warm-hearted prompt hospitable tactful"""
        ),
        blame=_words(
            """rude surly careless inattentive impatient arrogant unhelpful indifferent dismissive sullen
            incompetent grumpy condescending abrupt impolite forgetful sloppy snooty aggressive unfriendly"""
        ),
    ),
    "rooms": Judgement(
        praise=_words(
            """cosy spotless airy bright spacious comfortable elegant tidy peaceful sunny restful immaculate stylish
            gleaming charming roomy tasteful inviting homely well-kept"""
        ),
        blame=_words(
            """dingy cramped grubby draughty filthy stuffy shabby mouldy gloomy smelly musty stained run-down damp
            dusty threadbare grimy chilly squalid neglected"""
        ),
    ),
    "bedding": Judgement(
        praise=_words("soft fluffy clean fresh spotless comfortable immaculate crisp luxurious silky"),
        blame=_words("scratchy grubby stained threadbare lumpy damp musty grimy filthy creased"),
    ),
    "electronics": Judgement(
        praise=_words(
            """reliable dependable quick powerful foolproof versatile trusty efficient well-designed responsive
            intuitive ingenious up-to-date flawless"""
        ),
        blame=_words(
            """sluggish unreliable temperamental defective faulty useless erratic glitchy jerky underpowered
            outdated unresponsive ill-conceived buggy"""
        ),
    ),
    "parts": Judgement(
        praise=_words("sturdy durable robust solid well-made ergonomic practical neat smooth handy rugged substantial"),
        blame=_words("flimsy wobbly fragile clumsy awkward brittle shoddy fiddly cumbersome loose rickety unwieldy"),
    ),
    "stories": Judgement(
        praise=_words(
            """gripping moving witty original clever touching thrilling absorbing inventive hilarious subtle
            suspenseful poignant intelligent captivating heartfelt riveting fascinating engaging"""
        ),
        blame=_words(
            """tedious predictable dull boring contrived confusing clichéd shallow pretentious incoherent unfunny
            laboured far-fetched monotonous muddled corny overlong silly stale"""
        ),
    ),
    "roles": Judgement(
        praise=_words(
            "believable charismatic memorable complex likeable magnetic convincing nuanced credible lifelike"
        ),
        blame=_words(
            """wooden one-dimensional unconvincing forgettable lifeless insufferable flat implausible colourless
            bloodless"""
        ),
    ),
    "sounds": Judgement(
        praise=_words("rich melodious harmonious crystal-clear mellow soothing balanced evocative resonant haunting"),
        blame=_words("tinny shrill muffled deafening distorted grating harsh hollow intrusive jarring"),
    ),
    "screens": Judgement(
        praise=_words("crisp vivid sharp detailed luminous vibrant dazzling readable stunning radiant"),
        blame=_words("blurry grainy washed-out pixelated dim murky flickering smudgy faint hazy"),
    ),
    "looks": Judgement(
        praise=_words(
            "beautiful gorgeous sleek breathtaking handsome graceful stunning enchanting stylish picturesque"
        ),
        blame=_words("ugly garish drab hideous tacky unsightly tawdry lopsided gaudy dreary"),
    ),
    "prices": Judgement(
        praise=_words("fair reasonable decent competitive affordable sensible attractive modest moderate acceptable"),
        blame=_words(
            "excessive steep outrageous extortionate unfair exorbitant inflated scandalous unjustified absurd"
        ),
        anything=False,
    ),
    "fabrics": Judgement(
        praise=_words("soft hard-wearing waterproof breathable snug supple lightweight weatherproof comfortable warm"),
        blame=_words("itchy scratchy leaky ill-fitting stiff clammy uncomfortable frayed crooked shapeless"),
    ),
    "waits": Judgement(
        praise=_words("brisk painless swift smooth hassle-free effortless speedy tolerable orderly stress-free"),
        blame=_words(
            "endless chaotic slow tiresome exasperating interminable shambolic stressful nightmarish infuriating"
        ),
        anything=False,
    ),
}
"""By the sort of thing that is judged; ``anything`` suits most nouns."""

# --- what is judged ---------------------------------------------------------------------------------------------

ASPECTS: dict[str, tuple[Things, ...]] = {
    "restaurant": (
        Things(
            "food",
            _words(
                """soup bread starter risotto curry pasta salad cheesecake trifle gravy broth rice pudding omelette
                stew pizza ravioli chowder crumble goulash tart sorbet"""
            ),
            _words("vegetables dumplings noodles potatoes pancakes desserts chips mushrooms starters sauces"),
        ),
        Things(
            "meat",
            _words("lamb salmon steak duck brisket chicken seafood pork trout venison halibut turkey"),
            _words("prawns meatballs scallops ribs mussels sausages"),
        ),
        Things(
            "people", _phrases("service, waiter, waitress, chef, sommelier, manager, barman"), _words("staff waiters")
        ),
        Things(
            "rooms",
            _phrases("dining room, terrace, courtyard, corner table, conservatory, bar"),
            _words("booths toilets tables"),
        ),
        Things("prices", _phrases("bill, wine list, set menu, lunch offer, cover charge"), _words("prices")),
        Things("waits", _phrases("wait, booking, queue")),
    ),
    "hotel": (
        Things(
            "rooms",
            _phrases(
                """bedroom, bathroom, lobby, suite, lounge, balcony, corridor, shower, sauna, wardrobe, breakfast room,
                chalet, spa, library"""
            ),
            _words("bedrooms corridors rooms"),
        ),
        Things("bedding", _phrases("bed, mattress, duvet, bathrobe"), _words("sheets pillows towels blankets")),
        Things(
            "people",
            _phrases("receptionist, porter, concierge, housekeeper, owner, landlady, caretaker"),
            _words("staff cleaners owners"),
        ),
        Things("food", _phrases("breakfast, buffet, porridge, dinner, lunch"), _words("eggs meals")),
        Things("looks", _phrases("view, garden, façade, pool, staircase"), _words("gardens grounds surroundings")),
        Things("prices", _phrases("room rate, parking fee, deposit, surcharge"), _words("prices rates")),
        Things("waits", _phrases("check-in, checkout, airport transfer")),
    ),
    "film": (
        Things(
            "stories",
            _phrases(
                """plot, script, story, ending, dialogue, opening scene, screenplay, romance, twist, finale, premise,
                narration, second act, sequel, subplot, climax, epilogue, prologue"""
            ),
            _words("jokes flashbacks"),
        ),
        Things("roles", _phrases("villain, heroine, hero, narrator, detective"), _words("characters villains")),
        Things(
            "sounds", _phrases("soundtrack, score, theme tune, voice-over, music"), _words("ballads choruses songs")
        ),
        Things(
            "looks",
            _phrases("photography, lighting, set design, animation, scenery, camerawork"),
            _words("costumes landscapes visuals"),
        ),
        Things(
            "anything",
            _phrases("acting, casting, directing, editing, lead actor, lead actress, supporting cast, pacing"),
            _words("performances stunts"),
        ),
    ),
    "gadget": (
        Things(
            "electronics",
            _phrases(
                """battery, charger, touchscreen, software, processor, touchpad, microphone, app, remote control,
                docking station, fingerprint reader, firmware, voice control, operating system"""
            ),
            _words("sensors updates"),
        ),
        Things(
            "parts", _phrases("hinge, stylus, keyboard, power button, casing, stand, cable"), _words("buttons cables")
        ),
        Things("screens", _phrases("screen, display, picture"), _words("icons menus")),
        Things("sounds", _phrases("sound, ringtone, bass, loudspeaker"), _words("speakers earbuds")),
        Things("people", _phrases("helpline, support team, courier"), _words("technicians")),
        Things("prices", _phrases("price, repair cost, subscription")),
    ),
    "appliance": (
        Things(
            "electronics",
            _phrases("motor, thermostat, timer, control panel, heating element, compressor"),
            _words("controls"),
        ),
        Things(
            "parts",
            _phrases(
                """handle, lid, switch, plug, spout, filter, blade, cord, base, valve, hose, nozzle, door seal,
                drip tray, temperature dial"""
            ),
            _words("knobs blades hinges wheels attachments"),
        ),
        Things("looks", _phrases("finish, design, enamel, chrome trim, colour")),
        Things("people", _phrases("helpline, delivery driver, shop assistant"), _words("engineers")),
        Things("prices", _phrases("price, postage, service contract")),
        Things("waits", _phrases("delivery, refund, assembly, installation")),
    ),
    "clothing": (
        Things(
            "fabrics",
            _phrases("lining, fleece, fabric, inner layer, wool, padding, leather, material"),
            _words("seams fabrics linings"),
        ),
        Things("parts", _phrases("zip, buckle, drawstring, clasp, strap"), _words("zips buttons fasteners straps")),
        Things("looks", _phrases("cut, pattern, colour, stitching, embroidery"), _words("colours stripes")),
        Things("prices", _phrases("price, postage")),
        Things("waits", _phrases("delivery, exchange, return")),
    ),
}
"""By kind of review: which parts of it people judge."""

PERSONS = frozenset(
    _phrases(
        """waiter, waitress, chef, sommelier, manager, barman, receptionist, porter, concierge, housekeeper, owner,
        landlady, caretaker, villain, heroine, hero, narrator, detective, lead actor, lead actress, courier,
        delivery driver, shop assistant"""
    )
)
"""Aspects that are people: "they", not "it"."""

GENERAL_NOUNS_PRAISE = _words("delight joy triumph treat pleasure success revelation masterpiece marvel")
GENERAL_NOUNS_BLAME = _words("letdown disaster disgrace nuisance failure mess disappointment shambles mistake")

DELIGHT = _phrases("impress:impressed, delight:delighted, please:pleased, charm:charmed, satisfy:satisfied")
DISMAY = _phrases("disappoint:disappointed, annoy:annoyed, irritate:irritated, bother:bothered, exasperate:exasperated")
LIKE = _phrases("like:liked, love:loved, enjoy:enjoyed, admire:admired, appreciate:appreciated")
DISLIKE = _phrases("hate:hated, dislike:disliked, resent:resented, loathe:loathed, detest:detested")
"""Verbs as ``base:past``."""

# --- what sentences are about -----------------------------------------------------------------------------------

WOMEN = _words(
    """Ada Agnes Alma Ana Anouk Astrid Beatrice Carmen Clara Dalia Deborah Edith Elif Esther Farah Fiona Frida Greta
    Hana Ines Ingrid Irene Jasmin Jelena Joyce Karin Klara Leila Lena Leonie Linda Lucia Maeve Marta Matilda Mei Mira
    Nadia Nora Olga Paula Petra Pia Priya Rania Rosa Sabine Sanna Selma Silvia Sofia Tessa Tove Ulrike Uma Vera Wanda
    Wilma Xenia Yara Zainab"""
)
MEN = _words(
    """Albert Amir Anders Arjun Aziz Bela Bruno Chidi Conor Daniel Dmitri Emeka Erik Felix Gareth Hassan Hugo Ibrahim
    Ivan Jonas Kamal Kenji Lars Liam Magnus Malik Mateo Milan Nikhil Nils Omar Oscar Pablo Rafael Rupert Samir Stefan
    Tariq Theo Thomas Viktor Yusuf Zoltan"""
)
SURNAMES = _words(
    """Abbott Almeida Andersson Baptiste Barlow Berger Bianchi Blackwood Bouchard Brennan Carver Castellano Chandra
    Corrigan Dahl Delacroix Demir Donnelly Eriksen Faulkner Ferreira Fischer Gallagher Garrick Grimaldi Haddad
    Halloran Hargreaves Hoffmann Ishikawa Jankowski Kaplan Karlsson Keane Kowalski Lindqvist Lombardi Lorimer
    MacLeod Marchetti Mbeki McKenna Mehta Moreau Nakamura Novak Okafor Olsen Osborne Papadakis Pereira Petrov Quinn
    Rahman Ramirez Redfern Rossi Sandoval Schneider Silva Sokolov Sorensen Takahashi Thornton Tremblay Vasquez
    Wagner Whitaker Yilmaz Zimmermann Achebe Aldridge Bakker Bergman Cavendish Dimitrov Dupont Esposito Fitzgerald
    Fontaine Gonzalez Hartley Hussein Jansen Kimura Laurent Lindholm Maguire Montoya Nielsen Ortega Pemberton Popov
    Quigley Ravensworth Santos Sinclair Tanaka Ueda Varga Weaver Xavier Yamamoto Zielinski"""
)
TOWNS = _words(
    """Aarhus Aberdeen Antwerp Athens Bath Belfast Bergen Bilbao Bologna Bordeaux Bremen Bristol Bruges Brussels
    Budapest Cadiz Cardiff Cologne Copenhagen Cork Cracow Dresden Dublin Dundee Durham Edinburgh Exeter Florence
    Galway Gdansk Geneva Genoa Ghent Glasgow Granada Graz Hamburg Helsinki Innsbruck Inverness Istanbul Izmir Kyoto
    Leeds Leipzig Lille Limerick Lisbon Ljubljana Lucerne Lyon Malaga Malmo Marseille Montreal Munich Nantes Naples
    Norwich Oslo Oxford Palermo Penzance Perth Pisa Plymouth Porto Prague Ravenna Reykjavik Riga Rotterdam Salzburg
    Seville Siena Split Stavanger Stockholm Strasbourg Tallinn Toulouse Trieste Trondheim Turin Utrecht Valencia
    Venice Verona Vienna Vilnius Warsaw Whitby York Zagreb Zurich Basel Cambridge Canterbury Coimbra Delft Evora
    Freiburg Gijon Haarlem Heidelberg Kilkenny Leiden Lund Maastricht Mantua Nuremberg Odense Parma Rouen Sligo
    Swansea Tampere Turku Uppsala Wexford Winchester"""
)
MONTHS = _words("January February March April May June July August September October November December")
DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
WEATHER = _words("rainy windy foggy snowy stormy drizzly frosty muggy overcast breezy")
NUMBERS = _words("two three four five six seven eight nine ten eleven twelve")
ORDINALS = _words("first second third fourth fifth")
WOMEN_KNOWN = _words("sister mother daughter wife aunt niece grandmother godmother stepsister girlfriend")
MEN_KNOWN = _words("brother father son husband uncle nephew grandfather godson stepfather boyfriend")
KNOWN = _words("partner cousin neighbour colleague flatmate landlord dentist boss teacher trainer")
PROFESSIONS = _words(
    """doctor spy pianist plumber lawyer surgeon smuggler librarian nurse pilot baker professor sheriff burglar
    journalist widow priest soldier farmer dancer widower chemist mayor fortune-teller thief postman diplomat boxer
    gravedigger magician accountant sailor violinist beekeeper orphan jockey translator acrobat barber carpenter
    cellist chauffeur coroner fisherman governess hermit hitchhiker juggler lifeguard miner nun poet refugee
    shepherd stuntman swindler tailor ventriloquist"""
)
OCCASIONS = _phrases(
    "birthday, anniversary, graduation, retirement, engagement, promotion, farewell, wedding anniversary"
)
TRIPS = _phrases(
    """wedding, conference, concert, marathon, trade fair, football match, language course, exhibition, christening,
    reunion, festival, chess tournament, regatta, job interview, housewarming, seminar, book fair"""
)
STREETS = _phrases(
    """harbour, station, cathedral, market square, river, museum, town hall, canal, university, opera house, park,
    old bridge, fish market, lighthouse, theatre, castle, tram depot, courthouse, ferry terminal, abbey, quay,
    botanical garden, city wall, football ground, windmill, brewery, hospital, roundabout, bakery, chapel"""
)

SIGN_WORDS = _words(
    """Copper Silver Golden Crooked Hungry Jolly Olive Scarlet Velvet Salty Wandering Laughing Rusty Emerald Ivory
    Painted Lucky Sleepy Hidden Little Northern Southern Old Royal White Black Blue Green Amber Iron"""
)
SIGN_NOUNS = _words(
    """Kettle Heron Anchor Lantern Fig Barrel Fox Badger Pear Almond Pigeon Spoon Ladle Thistle Orchard Cellar Mill
    Sparrow Lobster Pepper Basil Olive Goose Trout Hare Otter Plough Compass Stag Swan Raven Bell Crown Oak Walnut
    Saffron Nutmeg Rosemary Cockle Falcon Wheatsheaf Magpie Bicycle Windmill"""
)
HOTEL_SORTS = _words("Hotel Lodge Inn Guesthouse Residence Manor Hostel Villa Palace House")
FILM_WORDS = _words(
    """Last Silent Hollow Distant Broken Paper Winter Midnight Burning Forgotten Glass Crimson Secret Endless
    Borrowed Electric Frozen Invisible Restless Sunken Velvet Whispering Stolen Lonely Savage Tangled Unwritten
    Vanishing Weightless Wicked"""
)
FILM_NOUNS = _words(
    """Orchard River Letter Garden Empire Summer Tower Harbour Mirror Voyage Island Witness Stranger Kingdom Shadow
    Promise Horizon Cathedral Carnival Detective Clockmaker Lighthouse Passenger Bridge Archive Violin Labyrinth
    Comet Gardener Prisoner Cartographer Fisherman Sister Colony Avalanche Astronomer Beekeeper Crossing Daughter
    Echo Ferryman Gambler Inheritance Jury Locksmith Monsoon Nightingale Oracle Puppeteer Reckoning Satellite
    Tightrope Understudy Verdict Watchman"""
)
GENRES = _phrases(
    """comedy, thriller, western, musical, documentary, drama, horror film, detective film, love story, war film,
    science-fiction film, cartoon, fairy tale, satire, road movie, courtroom drama, biography, heist film,
    costume drama, mystery, disaster film"""
)
ADDED = _words(
    """almond apple apricot aubergine beetroot blackberry caramel cardamom carrot cauliflower celery cherry chestnut
    chickpea chilli cinnamon coconut coriander cranberry cucumber dill fennel garlic ginger grapefruit hazelnut honey
    horseradish leek lemon lentil lime mango maple mint mustard onion orange parsley parsnip peach pistachio plum
    pomegranate pumpkin quince radish raspberry rhubarb sage sesame sorrel spinach squash tamarind tarragon thyme
    tomato turnip vanilla watercress"""
)
DISHES = _words(
    """soup tart risotto salad pie stew curry pancake omelette soufflé dumpling casserole pudding flan broth ravioli
    gratin chutney tagine fritter quiche cake pasty sorbet mousse terrine lasagne strudel"""
)
DRINKS = _words(
    """tea coffee cider wine beer lemonade champagne whisky gin brandy cocoa espresso milkshake sherry water mead
    kombucha stout"""
)
GADGETS = _phrases(
    """tablet, laptop, phone, camera, e-reader, smartwatch, monitor, projector, printer, console, drone, dictaphone,
    sat-nav, webcam, baby monitor, scanner, camcorder, fitness tracker, television, photo frame, games console,
    handheld computer, dashboard camera, language trainer"""
)
APPLIANCES = _phrases(
    """kettle, toaster, blender, vacuum cleaner, fridge, washing machine, microwave, coffee machine, hairdryer, iron,
    food processor, dishwasher, heater, electric fan, rice cooker, juicer, mixer, bread maker, deep fryer, humidifier,
    lawnmower, sewing machine, waffle maker, tumble dryer, hedge trimmer, ice-cream maker, pressure washer, drill,
    freezer, cooker hood"""
)
CLOTHES = _phrases(
    """jacket, raincoat, rucksack, sleeping bag, cardigan, handbag, tent, sweater, waistcoat, overcoat, anorak,
    tracksuit, wetsuit, suitcase, cycling jersey, ski suit, dressing gown, blazer, parka, saddlebag, skirt, satchel,
    windcheater, gilet, duffel coat, holdall, lifejacket, wash bag, pushchair cover, backpack"""
)
COLOURS = _words(
    """navy beige turquoise maroon charcoal lilac cream khaki purple teal crimson grey yellow burgundy mauve
    tangerine lavender indigo magenta bronze"""
)
MATERIALS = _words(
    "plastic steel aluminium bamboo cotton nylon rubber denim velvet ceramic linen canvas tweed corduroy cork"
)
MATERIALS_OF = {
    "gadget": _words("plastic steel aluminium bamboo rubber"),
    "appliance": _words("plastic steel aluminium rubber ceramic"),
    "clothing": _words("cotton nylon denim linen canvas corduroy polyester wool"),
}
"""What things to buy are made of, by kind; `MATERIALS` are those of furniture."""
BRAND_STARTS = _words("Vel Kest Zor Brim Tal Quor Fenn Harl Ost Plin Dra Mov Yel Wex Lun Grav Jor Nim Sarv Thal")
BRAND_ENDS = _words("ora ika ento ova undi arro ilix emo usta antis orno ivo eska ulia ombra")
SHOPS = _phrases(
    """supermarket, department store, catalogue, online shop, corner shop, hardware store, second-hand shop, airport,
    jumble sale, garden centre, outlet, charity shop, shopping centre, auction, trade fair"""
)
USES = _phrases(
    """office, caravan, kitchen, holiday cottage, student flat, allotment, workshop, garage, boat, garden shed, studio,
    nursery, classroom, spare room, camper van, attic, cellar, conservatory"""
)
CITED = _phrases(
    """the critics, the newspapers, some people, other guests, several reviewers, most people, the neighbours,
    my parents, my friends, the bloggers, my colleagues, the guidebooks"""
)
