// Curves whose points can be read: with a mouse, a finger, or the arrow keys.

const BOX = { width: 300, height: 180, left: 38, right: 10, top: 8, bottom: 32 };
const MOST_BANDS = 8; // Lines whose bands can be told apart.
const DASHES = ["none", "5 3", "2 2"]; // Of agents that share a colour.

/** Round numbers from one end to the other, about five of them. */
function ticks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((size) => size >= rough);
  const count = Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Number(((Math.ceil(low / step - 1e-9) + index) * step).toPrecision(6)));
}

/** Turns values into places between two ends; equal values lie in the middle. */
function scale(values, from, to) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - 1, high + 1];
  const place = (value) => from + ((value - low) / (high - low)) * (to - from);
  return { place, ticks: ticks(low, high) };
}

function axes(across, upwards, x, y) {
  const foot = BOX.height - BOX.bottom;
  const parts = drawing("g", { class: "axes" });
  for (const tick of upwards.ticks) {
    const at = upwards.place(tick);
    parts.append(
      drawing("path", { d: `M${BOX.left} ${at}H${BOX.width - BOX.right}` }),
      drawing("text", { x: BOX.left - 4, y: at + 3, "text-anchor": "end" }, String(tick)),
    );
  }
  for (const tick of across.ticks) {
    parts.append(drawing("text", { x: across.place(tick), y: foot + 12, "text-anchor": "middle" }, String(tick)));
  }
  const middle = (BOX.left + BOX.width - BOX.right) / 2;
  parts.append(
    drawing("text", { x: middle, y: BOX.height - 6, "text-anchor": "middle" }, x),
    drawing("text", { transform: `translate(9 ${(foot + BOX.top) / 2}) rotate(-90)`, "text-anchor": "middle" }, y),
  );
  return parts;
}

/** One line with its band and its marks. */
function lineOf({ name, color, points, joined = true, dash = DASHES[0] }, across, upwards, banded) {
  const at = ([x, y]) => `${across.place(x).toFixed(1)} ${upwards.place(y).toFixed(1)}`;
  const group = drawing("g", { class: "line", "data-line": name, fill: color, stroke: color });
  if (banded && points.some(([, , low, high]) => low < high)) {
    const upper = points.map(([x, , , high]) => at([x, high]));
    const lower = points.map(([x, , low]) => at([x, low])).reverse();
    group.append(drawing("path", { class: "band", d: `M${[...upper, ...lower].join("L")}Z` }));
  }
  if (joined) group.append(drawing("path", { class: "stroke", "stroke-dasharray": dash, d: `M${points.map(at).join("L")}` }));
  for (const point of points) {
    group.append(drawing("circle", { cx: across.place(point[0]), cy: upwards.place(point[1]), r: 2.5 }));
  }
  return group;
}

/** Shows one line of a figure, in all of its panels, before all others; none for "". */
function emphasise(figure, name) {
  for (const group of figure.querySelectorAll("g.line")) {
    group.classList.toggle("faint", Boolean(name) && group.dataset.line !== name);
  }
  for (const label of figure.querySelectorAll(".legend li")) {
    label.classList.toggle("chosen", label.dataset.line === name);
  }
}

/** A panel: lines over two axes, and below them what the point says that is pointed at. */
function panel({ title, x, y, lines, words }) {
  const all = lines.flatMap((line) => line.points);
  const across = scale(all.map(([value]) => value), BOX.left + 6, BOX.width - BOX.right - 6);
  const banded = lines.length <= MOST_BANDS;
  const upwards = scale(all.flatMap((point) => point.slice(1, banded ? 4 : 2)), BOX.height - BOX.bottom - 6, BOX.top + 4);
  const label = `${title}: ${y} against ${x}. The arrow keys go from point to point.`;
  const picture = drawing("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img", tabindex: "0", "aria-label": label });
  picture.append(axes(across, upwards, x, y), ...lines.map((line) => lineOf(line, across, upwards, banded)).reverse());
  const ring = drawing("circle", { class: "ring", r: 5, hidden: "" });
  picture.append(ring);
  const said = element("output", {}, "\u00a0");
  const whole = element("div", { class: "panel" }, element("p", {}, title), picture, said);
  let chosen = null;

  const choose = (line, index) => {
    chosen = { line, index };
    const point = line.points[index];
    said.textContent = words(line, point);
    ring.removeAttribute("hidden");
    ring.setAttribute("cx", across.place(point[0]));
    ring.setAttribute("cy", upwards.place(point[1]));
    if (lines.length > 1) emphasise(whole.closest("figure") ?? whole, line.name);
  };
  const leave = () => {
    if (document.activeElement === picture) return;
    ring.setAttribute("hidden", "");
    said.textContent = "\u00a0";
    emphasise(whole.closest("figure") ?? whole, "");
  };
  const point = (event) => {
    const frame = picture.getBoundingClientRect();
    const [left, top] = [event.clientX - frame.left, event.clientY - frame.top].map((at) => (at * BOX.width) / frame.width);
    let nearest = Infinity;
    let found = null;
    for (const line of lines) {
      line.points.forEach((point, index) => {
        const distance = (across.place(point[0]) - left) ** 2 + (upwards.place(point[1]) - top) ** 2;
        if (distance < nearest) [nearest, found] = [distance, [line, index]];
      });
    }
    choose(...found);
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointerleave", leave);
  picture.addEventListener("blur", leave);
  picture.addEventListener("focus", () => picture.matches(":focus-visible") && choose(lines[0], 0));
  picture.addEventListener("keydown", (event) => {
    const [along, over] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (along === undefined || !chosen) return;
    event.preventDefault();
    const line = lines[(lines.indexOf(chosen.line) + over + lines.length) % lines.length];
    choose(line, Math.min(Math.max(chosen.index + along, 0), line.points.length - 1));
  });
  return whole;
}

/** The names of the lines; pointing at one, or pressing it, shows it before all others. */
function legend(figure, lines) {
  const list = element("ul", { class: "legend" });
  for (const [name, { color, dash }] of lines) {
    const swatch = element("i", {});
    swatch.style.border = `2px ${dash === DASHES[0] ? "solid" : "dotted"} ${color}`;
    if (dash === DASHES[0]) swatch.style.background = color;
    const press = button("", `show ${name} before all others`, () => emphasise(figure, item.classList.contains("chosen") ? "" : name));
    press.append(swatch, name);
    const item = element("li", { "data-line": name }, press);
    list.append(item);
  }
  return list;
}

/** Draws what a picture shows as curves that can be read; the picture stays for paper. */
function drawChart(figure, { x, y, panels }) {
  const wordsWith = (decimals) => (line, [share, score, low, high]) => {
    const seeds = low < high ? ` (seeds ${fixed(low, decimals)} to ${fixed(high, decimals)})` : "";
    return `${line.name} at ${fixed(share, 0)} %: ${fixed(score, decimals)}${seeds}`;
  };
  const styles = new Map();
  for (const { name, color } of panels.flatMap(({ lines }) => lines)) {
    const alike = [...styles.values()].filter((style) => style.color === color).length;
    if (!styles.has(name)) styles.set(name, { color, dash: DASHES[alike % DASHES.length] });
  }
  const drawn = panels.map(({ title, decimals, lines }) => {
    const styled = lines.map((line) => ({ ...line, ...styles.get(line.name) }));
    return panel({ title, x, y, lines: styled, words: wordsWith(decimals) });
  });
  figure.classList.add("charted");
  figure.prepend(legend(figure, styles), element("div", { class: "panels" }, ...drawn));
}
