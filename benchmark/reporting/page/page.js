// Makes the tables sortable and filterable, lists all runs, and shows the record of each.
// Text from records only ever becomes text: no markup is put together from it.

const runIndex = JSON.parse(document.getElementById("run-index").textContent);
const PAGE = 25; // Rows of a table that are shown at a time.
const FEW = 5; // Rows that need no filter.
const LINK = "#runs=";

const runs = unpacked(runIndex);
const dialog = document.getElementById("record");

/** One object for each run, made from the rows and what they share. */
function unpacked({ columns, rows, pooled, pool }) {
  const shared = columns.map((column) => pooled.includes(column));
  return rows.map((row) => {
    const values = row.map((value, index) => (shared[index] ? pool[value] : value));
    const run = Object.fromEntries(columns.map((column, index) => [column, values[index]]));
    return { ...run, cell: `${run.task}/${run.agent}`, name: `${run.task}/${run.agent}/seed-${run.seed}` };
  });
}

function agentName(agent) {
  return Object.hasOwn(runIndex.names, agent) ? runIndex.names[agent] : agent;
}

function fixed(value, decimals) {
  return typeof value === "number" ? value.toFixed(decimals) : "-";
}

/** An element with attributes, and with children that are elements or text. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Records -----------------------------------------------------------------------------------------

/** A list of names and values; values that are not there are left out. */
function definitions(pairs) {
  const list = element("dl");
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === "") continue;
    list.append(element("dt", {}, name), element("dd", {}, value instanceof Node ? value : String(value)));
  }
  return list;
}

/** A table of a record, folded away. */
function folded(title, values) {
  const names = Object.keys(values ?? {});
  if (!names.length) return null;
  const pairs = names.map((name) => {
    const value = values[name];
    return [name, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return element("details", {}, element("summary", {}, title), definitions(pairs));
}

function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** The lines that do a run again; one click selects them. */
function commandOf(run) {
  const lines = run.settings_line ? [run.settings_line, run.command] : [run.command];
  return element("pre", { class: "command", tabindex: "0" }, lines.join("\n"));
}

function linkToFile(run) {
  const path = `runs/${run.name}.json`;
  const target = path.split("/").map(encodeURIComponent).join("/");
  return element("a", { href: `../${target}` }, path);
}

function recordOf(run) {
  const seconds = Object.entries(run.seconds ?? {}).map(([phase, time]) => `${phase} ${fixed(time, 1)}`);
  const score = run.score === null ? null : fixed(run.score, 3);
  const solved = run.success_rate === null ? "n/a" : `${fixed(run.success_rate, 1)} % of episodes`;
  const success = run.score === null ? null : solved;
  const clipped = run.clipped_actions ? `${fixed(100 * run.clipped_actions, 1)} % of actions` : null;
  const memory = run.peak_memory_mb === null ? null : `${fixed(run.peak_memory_mb, 0)} MiB`;
  const taken = run.steps_taken === null ? "" : `${run.steps_taken} of `;
  const resumed = run.resumed_at?.length ? `gradient step ${run.resumed_at.join(", ")}` : null;
  const limit = run.max_minutes === null ? null : `${run.max_minutes} minutes`;
  return definitions([
    ["reason", run.reason],
    ["what to do", run.remedy],
    ["score", score],
    ["solved", success],
    ["clipped to their bounds", clipped],
    ["run it again", commandOf(run)],
    ["commit", run.commit ?? "unknown"],
    ["data hash", run.dataset?.hash ?? "unknown"],
    ["what data", run.data_words],
    ["data", folded(run.dataset?.id ?? "unknown", { asked: run.data, ...run.dataset })],
    ["goal", run.goal],
    ["preset", run.preset],
    ["training", `${taken}${counted(run.budget, "gradient step")}, seed ${run.seed}`],
    ["time limit", limit],
    ["resumed at", resumed],
    ["evaluation", counted(run.episodes, "episode")],
    ["agent's file", run.source],
    ["settings", folded(counted(Object.keys(run.config ?? {}).length, "setting"), run.config)],
    ["weights", run.parameters],
    ["versions", folded(`Python ${run.versions?.python ?? "?"} and libraries`, run.versions)],
    ["machine", folded(run.machine?.processor ?? "machine", run.machine)],
    ["seconds", seconds.join(", ")],
    ["peak memory", memory],
    ["started", run.started],
    ["traceback", run.traceback ? element("pre", { tabindex: "0" }, run.traceback) : null],
    ["whole record", linkToFile(run)],
  ]);
}

/** A run under one line that says how it ended; filled only when it is opened. */
function folder(run, open) {
  const score = run.score === null ? "" : `, score ${fixed(run.score, 1)}`;
  const attributes = run.status === "completed" ? {} : { class: "problem" };
  const ended = element("span", attributes, run.status);
  const details = element("details", { class: "run" }, element("summary", {}, `Seed ${run.seed}: `, ended, score));
  const fill = () => details.open && details.childElementCount === 1 && details.append(recordOf(run));
  details.addEventListener("toggle", fill);
  details.open = open;
  fill();
  return details;
}

/** Seeds that others of its benchmark have and a cell has not. */
function missingSeeds(matches, task) {
  const benchmark = runs.find((run) => run.task === task)?.benchmark;
  const planned = new Set(runs.filter((run) => run.benchmark === benchmark).map((run) => run.seed));
  for (const run of matches) planned.delete(run.seed);
  return [...planned].sort((a, b) => a - b);
}

/** Shows the runs of a cell, `<task>/<agent>`, or one run, `<task>/<agent>/seed-<n>`. */
function show(name) {
  const one = runs.filter((run) => run.name === name);
  const matches = one.length ? one : runs.filter((run) => run.cell === name);
  const slash = name.indexOf("/");
  const task = matches[0]?.task ?? name.slice(0, slash);
  const agent = matches[0]?.agent ?? name.slice(slash + 1);
  const body = matches.map((run) => folder(run, matches.length === 1));
  const missing = one.length ? [] : missingSeeds(matches, task);
  if (missing.length) {
    const words = `Seed ${missing.join(", ")}: no record, though others in its table have one. `;
    body.push(element("p", { class: "problem" }, words, "Run it with --resume and the same --out."));
  }
  if (!body.length) body.push(element("p", { class: "problem" }, "There is no record of it."));
  const title = document.getElementById("record-title");
  title.textContent = `${agentName(agent)} on ${task}`;
  document.getElementById("record-body").replaceChildren(...body);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  title.focus();
}

function showLinked() {
  if (location.hash.startsWith(LINK)) show(decodeURIComponent(location.hash.slice(LINK.length)));
  else if (dialog.open) dialog.close();
}

dialog.addEventListener("close", () => {
  // The address no longer names the record, so that the same link works again.
  if (location.hash.startsWith(LINK)) history.replaceState(null, "", location.href.split("#")[0]);
});
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
addEventListener("hashchange", showLinked);

// Tables ------------------------------------------------------------------------------------------

function options(table, rows) {
  return {
    autoWidth: false,
    order: [],
    paging: rows > PAGE,
    pageLength: PAGE,
    language: { search: "Filter:", emptyTable: "none", zeroRecords: "no row matches" },
    layout: {
      topStart: rows > FEW ? "search" : null,
      topEnd: null,
      bottomStart: rows > PAGE ? "info" : null,
      bottomEnd: rows > PAGE ? "paging" : null,
    },
    // The box around everything no longer scrolls, but the one around the table alone.
    initComplete() {
      const outer = table.closest(".scroll");
      const inner = outer.querySelector(".dt-layout-table > .dt-layout-cell");
      for (const name of ["role", "tabindex", "aria-labelledby"]) {
        inner.setAttribute(name, outer.getAttribute(name));
        outer.removeAttribute(name);
      }
      outer.classList.remove("scroll");
      inner.classList.add("scroll");
    },
  };
}

function listRuns(DataTable) {
  const table = document.getElementById("runs");
  const words = (title, data) => ({ title, data, type: "string", render: DataTable.render.text() });
  const number = (title, data, decimals) => ({
    title,
    data,
    type: "num",
    className: "number",
    orderSequence: ["desc", "asc", ""],
    render: (value, kind) => (kind === "display" ? fixed(value, decimals) : value),
  });
  const link = (cell, _, run) => {
    const attributes = { href: LINK + encodeURIComponent(run.name), "aria-label": `open ${run.name}` };
    cell.replaceChildren(element("a", attributes, "open"));
  };
  return new DataTable(table, {
    ...options(table, runs.length),
    data: runs,
    deferRender: true,
    columns: [
      { title: "record", data: null, defaultContent: "", orderable: false, createdCell: link },
      words("task", "task"),
      words("data", (run) => run.dataset?.kind ?? "unknown"),
      words("agent", (run) => agentName(run.agent)),
      number("seed", "seed", 0),
      words("status", "status"),
      number("score", "score", 1),
      number("solved (%)", "success_rate", 1),
      number("gradient steps", "steps_taken", 0),
      number("training (s)", (run) => run.seconds?.fit ?? null, 0),
    ],
  });
}

/** Printed tables have all their rows. */
function unpagedInPrint(tables) {
  const all = (length) => tables.forEach((table) => table.page.len(length).draw());
  addEventListener("beforeprint", () => all(-1));
  addEventListener("afterprint", () => all(PAGE));
}

function followColours() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}

followColours();
const source = document.getElementById("datatables").textContent;
const { default: DataTable } = await import(`data:text/javascript;base64,${source}`);
DataTable.ext.errMode = "throw";
const tables = [...document.querySelectorAll("table.data")].map((table) => {
  return new DataTable(table, options(table, table.tBodies[0].rows.length));
});
unpagedInPrint(tables.filter((table) => table.page.info().recordsTotal > PAGE));
listRuns(DataTable);
showLinked();
document.documentElement.dataset.ready = ""; // For those who wait for it.
