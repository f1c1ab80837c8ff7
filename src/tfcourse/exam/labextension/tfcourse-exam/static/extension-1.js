/* Opens the practice exam from JupyterLab's launcher, its command palette and its Help menu.
 *
 * JupyterLab loads an extension as a container with two functions: init(scope) hands over the modules that are shared,
 * get(name) returns the extension's own. That is all there is to it, so this file is written by hand, and not built.
 *
 * JupyterLab lets browsers keep these files for ever: count the number in the name up with every change.
 */
(() => {
  "use strict";
  const NAME = "tfcourse-exam";
  const COMMAND = "tfcourse:exam";
  let scope;

  async function shared(name) {
    const versions = scope[name];
    const factory = await versions[Object.keys(versions)[0]].get();
    return factory();
  }

  const icon = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
    <g class="jp-icon3" fill="none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <circle cx="12" cy="13.5" r="8"/><path d="M12 9v5l3 2M9.5 2.5h5M12 2.5v3"/></g></svg>`;

  async function makePlugin() {
    const [launcherModule, apputils, mainmenu, coreutils, ui, widgets] = await Promise.all(
      ["@jupyterlab/launcher", "@jupyterlab/apputils", "@jupyterlab/mainmenu", "@jupyterlab/coreutils",
        "@jupyterlab/ui-components", "@lumino/widgets"].map(shared),
    );
    const { PageConfig, URLExt } = coreutils;

    function activate(app, launcher, palette, menu) {
      let open = null;
      const examIcon = new ui.LabIcon({ name: `${NAME}:icon`, svgstr: icon });
      const address = URLExt.join(PageConfig.getBaseUrl(), "tfcourse/exam");

      app.commands.addCommand(COMMAND, {
        label: "Practice exam",
        caption: "Five fresh problems, five hours, 0 to 5 points at once",
        icon: examIcon,
        execute: () => {
          if (open === null || open.isDisposed) {
            const frame = document.createElement("iframe");
            frame.src = address;
            frame.title = "Practice exam";
            frame.style.cssText = "width: 100%; height: 100%; border: 0";
            const content = new widgets.Widget();
            content.node.appendChild(frame);
            open = new apputils.MainAreaWidget({ content });
            open.id = NAME;
            open.title.label = "Practice exam";
            open.title.icon = examIcon;
            open.title.closable = true;
            app.shell.add(open, "main");
          }
          app.shell.activateById(open.id);
        },
      });
      if (launcher) {
        launcher.add({ command: COMMAND, category: "Notebook", rank: 90 });
      }
      if (palette) {
        palette.addItem({ command: COMMAND, category: "tfcourse" });
      }
      if (menu) {
        menu.helpMenu.addGroup([{ command: COMMAND }], 0);
      }
      // The page asks for a file to be opened beside it.
      window.addEventListener("message", (event) => {
        if (event.origin === window.location.origin && event.data && typeof event.data.tfcourseOpen === "string") {
          void app.commands.execute("docmanager:open", { path: event.data.tfcourseOpen });
        }
      });
    }

    return {
      id: `${NAME}:plugin`,
      description: "Opens the practice exam",
      autoStart: true,
      optional: [launcherModule.ILauncher, apputils.ICommandPalette, mainmenu.IMainMenu],
      activate,
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (sharedScope) => {
      scope = sharedScope;
    },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
