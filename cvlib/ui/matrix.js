// A table of numbers whose cells can be pressed with finger, mouse or keyboard. Sends the pressed cell.

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const table = parentElement.querySelector("table");
  const drawn = JSON.stringify(data);
  if (!table || table.dataset.drawn === drawn) return;
  const focused = table.contains(parentElement.activeElement || document.activeElement);
  table.dataset.drawn = drawn;
  table.replaceChildren();

  const element = (parent, kind, text = "") => {
    const made = parent.appendChild(document.createElement(kind));
    made.textContent = text;
    return made;
  };
  const heading = (parent, text, scope) => {
    const made = element(parent, "th", text);
    made.scope = scope;
    made.title = text;
    return made;
  };

  const buttons = [];
  const press = (row, column) => {
    const again = data.chosen && data.chosen[0] === row && data.chosen[1] === column;
    buttons.flat().forEach((button) => button.setAttribute("aria-pressed", "false"));
    buttons[row][column].setAttribute("aria-pressed", String(!again));
    data.chosen = again ? null : [row, column];
    setStateValue("cell", data.chosen);
  };
  const move = (event, row, column) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [down, right] = KEYS[event.key];
    const next = buttons[row + down]?.[column + right];
    if (!next) return;
    buttons[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };

  element(table, "caption", data.columns_title);
  const head = element(element(table, "thead"), "tr");
  heading(head, data.rows_title, "col").className = "corner";
  data.columns.forEach((name) => {
    const label = heading(head, "", "col");
    label.title = name;
    element(label, "span", name);
  });
  const body = element(table, "tbody");
  data.cells.forEach((cells, row) => {
    const line = element(body, "tr");
    heading(line, data.rows[row], "row");
    buttons.push(
      cells.map(([text, background, color, words], column) => {
        const button = element(element(line, "td"), "button", text);
        button.type = "button";
        button.style.background = background;
        button.style.color = color;
        button.title = words;
        button.setAttribute("aria-label", words);
        const chosen = data.chosen && data.chosen[0] === row && data.chosen[1] === column;
        button.setAttribute("aria-pressed", String(Boolean(chosen)));
        button.tabIndex = chosen || (!data.chosen && row + column === 0) ? 0 : -1;
        button.onclick = () => press(row, column);
        button.onkeydown = (event) => move(event, row, column);
        return button;
      }),
    );
  });
  if (focused && data.chosen) buttons[data.chosen[0]]?.[data.chosen[1]]?.focus();
}
