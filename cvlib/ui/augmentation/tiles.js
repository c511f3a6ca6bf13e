// A picture beside a grid of others. Figures are kept and only filled anew, so that nothing flickers.

export default function (component) {
  const { parentElement, data } = component;
  const board = parentElement.querySelector(".board");
  if (!board) return;

  const figure = (place) => {
    const made = place.appendChild(document.createElement("figure"));
    const image = made.appendChild(document.createElement("img"));
    image.draggable = false;
    const words = made.appendChild(document.createElement("figcaption"));
    words.appendChild(document.createElement("b"));
    words.appendChild(document.createElement("span"));
    return made;
  };
  const fill = (made, tile) => {
    const image = made.querySelector("img");
    if (image.getAttribute("src") !== tile.src) image.src = tile.src;
    image.width = tile.width;
    image.height = tile.height;
    image.className = tile.tiny ? "tiny" : "";
    made.title = tile.words;
    image.alt = [tile.title, tile.words].filter(Boolean).join(": ");
    made.querySelector("b").textContent = tile.title;
    made.querySelector("span").textContent = tile.words;
  };
  const fit = (place, tiles) => {
    place.querySelectorAll(".waiting").forEach((empty) => empty.remove());
    while (place.children.length > tiles.length) place.lastChild.remove();
    while (place.children.length < tiles.length) figure(place);
    tiles.forEach((tile, number) => fill(place.children[number], tile));
  };

  board.classList.toggle("alone", !data.pinned);
  fit(board.querySelector(".pinned"), data.pinned ? [data.pinned] : []);
  const grid = board.querySelector(".tiles");
  grid.style.setProperty("--columns", data.columns);
  grid.style.gridTemplateColumns = `repeat(${data.columns}, minmax(0, 1fr))`;
  grid.classList.toggle("many", data.columns > 4);
  fit(grid, data.tiles);
  const like = data.pinned || data.tiles[0];
  for (let number = 0; number < data.waiting; number++) {
    const empty = grid.appendChild(document.createElement("div"));
    empty.className = "waiting";
    empty.style.aspectRatio = like ? `${like.width} / ${like.height}` : "1";
  }
}
