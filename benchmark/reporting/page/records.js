// The record of each run, in a window of its own.

const LINK = "#runs=";
const dialog = document.getElementById("record");

function agentName(agent) {
  return Object.hasOwn(data.runs.names, agent) ? data.runs.names[agent] : agent;
}

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

/** The lines that do a run again; one click selects them, another copies them. */
function commandOf(run) {
  const text = (run.settings_line ? [run.settings_line, run.command] : [run.command]).join("\n");
  const lines = element("pre", { class: "command", tabindex: "0" }, text);
  return element("div", {}, lines, element("div", { class: "tools" }, copyButton("copy the command", () => text)));
}

const BLUE = "#0072b2";

/** What the score of a run is: some tasks have no reference to normalise a return by. */
function scoreOf(run) {
  return { return: "return", success: "success (%)" }[run.scale] ?? "normalised score";
}

/** What a run scored while it learnt, and in each of its evaluation episodes. */
function chartsOf(run) {
  const charts = [];
  if (run.curve.length) {
    const words = (_, [share, score]) => `${fixed(score, run.decimals)} at ${fixed(share, 0)} % of its gradient steps`;
    const lines = [{ name: "score", color: BLUE, points: run.curve }];
    charts.push(panel({ title: "While it learnt, on tuning seeds", x: "gradient steps (% of budget)", y: scoreOf(run), lines, words }));
  }
  if (run.episode_scores.length) {
    const points = run.episode_scores.map((score, index) => [index + 1, score]);
    const solved = ["", ", not solved", ", solved"];
    const outcome = (episode) => solved[run.success_rate === null ? 0 : 1 + (run.episode_successes[episode - 1] > 0)];
    const words = (_, [episode, score]) => `Episode ${episode}: ${fixed(score, run.decimals)}${outcome(episode)}`;
    const lines = [{ name: "score", color: BLUE, points, joined: false }];
    charts.push(panel({ title: "Score of each evaluation episode", x: "episode", y: scoreOf(run), lines, words }));
  }
  return charts.length ? element("div", { class: "panels" }, ...charts) : null;
}

function linkToFile(run) {
  const path = `runs/${run.name}.json`;
  const target = path.split("/").map(encodeURIComponent).join("/");
  return element("a", { href: `../${target}` }, path);
}

function recordOf(run) {
  const seconds = Object.entries(run.seconds ?? {}).map(([phase, time]) => `${phase} ${fixed(time, 1)}`);
  const score = run.score === null ? null : fixed(run.score, 3);
  const solved = run.success_rate === null ? "n/a: its task defines no success" : `${fixed(run.success_rate, 1)} % of episodes`;
  const success = run.score === null ? null : solved;
  const clipped = run.clipped_actions ? `${fixed(100 * run.clipped_actions, 1)} % of actions` : null;
  const memory = run.peak_memory_mb === null ? null : `${fixed(run.peak_memory_mb, 0)} MiB`;
  const taken = run.steps_taken === null ? "" : `${run.steps_taken} of `;
  const resumed = run.resumed_at?.length ? `gradient step ${run.resumed_at.join(", ")}` : null;
  const ended = run.ended_before?.length ? `it had ended after gradient step ${run.ended_before.join(", ")}, and went on to ${run.budget}` : null;
  const limit = run.max_minutes === null ? null : `${run.max_minutes} minutes`;
  return definitions([
    ["reason", run.reason],
    ["what to do", run.remedy],
    ["score", score],
    ["solved", success],
    ["clipped to their bounds", clipped],
    ["run it again", commandOf(run)],
    ["its seed", `the comma of "--seeds ${run.seed}," makes it seed ${run.seed} alone, not a number of seeds`],
    ["commit", run.commit ?? "unknown"],
    ["data hash", run.dataset?.hash ?? "unknown"],
    ["what data", run.data_words],
    ["data", folded(run.dataset?.id ?? "unknown", { asked: run.data, ...run.dataset })],
    ["goal", run.goal],
    ["preset", run.preset],
    ["training", `${taken}${counted(run.budget, "gradient step")}, seed ${run.seed}`],
    ["time limit", limit],
    ["resumed at", resumed],
    ["trained longer", ended],
    ["evaluation", run.episodes ? counted(run.episodes, "episode") : "none was asked for"],
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
  const score = run.score === null ? "" : `, ${scoreOf(run) === "return" ? "return" : "score"} ${fixed(run.score, run.decimals)}`;
  const attributes = run.status === "completed" ? {} : { class: "problem" };
  const ended = element("span", attributes, run.status);
  const details = element("details", { class: "run" }, element("summary", {}, `Seed ${run.seed}: `, ended, score));
  const fill = () => details.open && details.childElementCount === 1 && details.append(...[chartsOf(run), recordOf(run)].filter(Boolean));
  details.addEventListener("toggle", fill);
  details.open = open;
  fill();
  return details;
}

/** Seeds that others of its table have and a cell has not: variants have one of their own. */
function missingSeeds(matches, task, agent) {
  const variants = new Set(data.runs.variants);
  const benchmark = runs.find((run) => run.task === task)?.benchmark;
  const isVariant = variants.has(agent);
  const table = runs.filter((run) => run.benchmark === benchmark && variants.has(run.agent) === isVariant);
  if (!table.some((run) => run.agent === agent)) return [];
  const planned = new Set(table.map((run) => run.seed));
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
  const body = matches.map((run, index) => folder(run, index === 0));
  const missing = one.length ? [] : missingSeeds(matches, task, agent);
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
