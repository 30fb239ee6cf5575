"""From data to a table, as cells of a notebook: editors run them one by one, `python` all at once.

It takes a minute, of which most is for recording data, and its scores mean nothing: for those take
`preset="quick"`, more seeds, and hours.
"""

# %% The parts of a task: its recorded steps, and its environment with flat observations.
from benchmark import compare, evaluate, load_agent, load_dataset, load_results, make_env, train

dataset = load_dataset("maze2d-umaze", data="local")
print(len(dataset), "steps,", len(dataset.ends), "episodes")

# %% One agent, in this process.
agent = train("maze2d-umaze", "bc", preset="smoke", data="local")
print("score:", evaluate(agent, "maze2d-umaze", episodes=2).mean_score)

# %% It acts on what gymnasium gives.
env = make_env("maze2d-umaze")
observation, _ = env.reset(seed=0)
ended = cut = False
while not (ended or cut):
    observation, reward, ended, cut, _ = env.step(agent.act(observation))


# %% An agent of one's own needs no file.
class Pushing:
    """Pushes north-east for ever."""

    takes_gradient_steps = False

    def __init__(self, task, settings, device):
        self.task = task

    def fit(self, dataset, *, steps, seed, progress):
        pass

    def reset(self, n_envs):
        pass

    def act(self, observations, last_rewards):
        return self.task.action_high[None].repeat(len(observations), axis=0)

    def save(self, folder):
        pass

    def load(self, folder):
        pass


# %% A comparison. The same cell once more trains only what is missing.
results = compare(
    "maze2d-umaze",
    ["mage", "bc", Pushing],
    seeds=2,
    preset="smoke",
    data="local",
    settings={"mage": {"temperature": 0.5}},
    out="results/notebook",
    workers=0,
)
print(results)

# %% What it has found: frames, tables, figures, a page.
print(results.scores[["task", "agent", "mean", "standard_error"]])
print(results.table("maze2d"))
results.plot_scores().savefig("results/notebook/scores.png")
print(results.report())

# %% Another day.
results = load_results("results/notebook")
agent = load_agent("results/notebook/runs/maze2d-umaze/mage/seed-0")
