"""Clients that run trials: a study for them, a service beside the test, and what they say."""

from harness import expect

STUDY = """apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: NAME}
spec:
  objective: {type: minimize, objectiveMetricName: loss, additionalMetricNames: [acc]}
  algorithm: {algorithmName: sobol}
  maxTrialCount: MAX
  EXTRA
  parameters:
    - {name: lr, parameterType: double, feasibleSpace: {min: "0.001", max: "0.1", distribution: logUniform}}
    - {name: layers, parameterType: int, feasibleSpace: {min: "1", max: "5"}}
    - {name: activation, parameterType: categorical, feasibleSpace: {list: [relu, "it's tanh"]}}
  hone: {engine: client}
"""


def study(world, name="study", maximum=6, extra="resumePolicy: Never", text=STUDY):
    path = world.write(f"{name}.yaml", text.replace("NAME", name).replace("MAX", str(maximum)).replace("EXTRA", extra))
    expect(world.hone("create", "-f", path), 0)
    return name


def serving(process):
    """The line by which a service says where it listens."""
    line = process.stderr.readline()
    while "serving" not in line:
        assert line, "the service has ended"
        line = process.stderr.readline()
    return line


def serve(world, *arguments):
    process = world.start("serve", *arguments)
    return process, serving(process)


def ask(world, name="study", *arguments):
    return expect(world.hone("ask", name, "--json", *arguments), 0).json()


def tell(world, ticket, *arguments):
    return world.hone("tell", "--json", ticket, *arguments)


def trials(world, name="study"):
    return {trial["number"]: trial for trial in expect(world.hone("trials", name, "--json"), 0).json()}
