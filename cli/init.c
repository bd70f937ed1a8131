/*
 * hone init: a commented Experiment to start from.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/status.h"
#include "cli/exit.h"
#include "cli/output.h"

static const char head[] =
    "# An Experiment as Kubeflow Katib reads it. Run it with: hone run %s\n"
    "# `hone explain spec.objective` says what a field means, `hone validate` what is wrong with one.\n"
    "apiVersion: kubeflow.org/v1beta1\n"
    "kind: Experiment\n"
    "metadata:\n"
    "  name: my-experiment\n";

static const char body[] =
    "spec:\n"
    "  objective:\n"
    "    type: minimize                  # or maximize\n"
    "    objectiveMetricName: loss       # as the program prints it: loss=0.123\n"
    "    # goal: 0.01                    # stop once a trial is this good\n"
    "  algorithm:\n"
    "    algorithmName: auto             # how points are chosen; docs/search.md lists the methods\n"
    "    # algorithmSettings:\n"
    "    #   - name: random_state\n"
    "    #     value: \"10\"\n"
    "  parallelTrialCount: 2             # trials at the same time\n"
    "  maxTrialCount: 12                 # trials in all\n"
    "  maxFailedTrialCount: 3            # give up after so many failures\n"
    "\n"
    "  parameters:                       # what is searched\n"
    "    - name: lr\n"
    "      parameterType: double         # double, int, discrete or categorical\n"
    "      feasibleSpace:\n"
    "        min: \"0.001\"\n"
    "        max: \"0.1\"\n"
    "        distribution: logUniform    # uniform unless given\n"
    "    - name: layers\n"
    "      parameterType: int\n"
    "      feasibleSpace:\n"
    "        min: \"1\"\n"
    "        max: \"4\"\n"
    "    - name: optimizer\n"
    "      parameterType: categorical\n"
    "      feasibleSpace:\n"
    "        list: [sgd, adam]\n"
    "\n"
    "  # metricsCollectorSpec:           # where metrics are read: standard output unless given\n"
    "  #   collector:\n"
    "  #     kind: File\n"
    "  #   source:\n"
    "  #     fileSystemPath:\n"
    "  #       path: /tmp/metrics.log    # every trial sees a private file there\n"
    "  #       kind: File\n"
    "\n"
    "  trialTemplate:                    # what a trial runs\n"
    "    primaryContainerName: training\n"
    "    trialParameters:                # ${trialParameters.NAME} below stands for the parameter `reference`\n"
    "      - name: learningRate\n"
    "        reference: lr\n"
    "      - name: layers\n"
    "        reference: layers\n"
    "      - name: optimizer\n"
    "        reference: optimizer\n"
    "    trialSpec:\n"
    "      apiVersion: batch/v1\n"
    "      kind: Job\n"
    "      spec:\n"
    "        template:\n"
    "          spec:\n"
    "            restartPolicy: Never\n"
    "            containers:\n"
    "              - name: training\n"
    "                image: my-image     # an images.yaml beside this file maps it to programs of this host\n"
    "                command:            # replace this stand-in by your training program\n"
    "                  - sh\n"
    "                  - -c\n"
    "                  - |-\n"
    "                    awk 'BEGIN {\n"
    "                        lr = ${trialParameters.learningRate}\n"
    "                        layers = ${trialParameters.layers}\n"
    "                        optimizer = \"${trialParameters.optimizer}\"\n"
    "                        for (epoch = 1; epoch <= 3; epoch++) {\n"
    "                            loss = (log(lr) + 4)^2 / 10 + (layers - 2)^2 / 20 + (optimizer == \"adam\" ? 0.1 : "
    "0.2)\n"
    "                            printf \"epoch=%d loss=%.5f\\n\", epoch, loss + 1 / epoch\n"
    "                        }\n"
    "                    }'\n";

static int write_all(FILE *file, const char *shown, const char *namespace)
{
    fprintf(file, head, shown);
    if (namespace) {
        struct arena arena = { 0 };
        struct text quoted = { 0 };

        json_write(node_text(&arena, namespace), JSON_COMPACT, &quoted); /* a JSON text is a YAML text */
        fprintf(file, "  namespace: %s\n", text_string(&quoted));
        text_release(&quoted);
        arena_release(&arena);
    }
    fputs(body, file);
    return fflush(file) == 0 ? 0 : fail_errno(errno, "cannot write %s", shown);
}

static int write_file(const char *path, const char *namespace)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), status;
    FILE *file;

    if (descriptor < 0 && errno == EEXIST)
        return fail(ERR_CONFLICT, "%s exists already and stays as it is: give another name, `hone init FILE`", path);
    if (descriptor < 0)
        return fail_errno(errno, "cannot write %s", path);
    file = fdopen(descriptor, "w");
    if (!file) {
        close(descriptor);
        return fail_errno(errno, "cannot write %s", path);
    }
    status = write_all(file, path, namespace);
    if (fclose(file) != 0 && status == 0)
        status = fail_errno(errno, "cannot write %s", path);
    return status;
}

int init_run(const struct command *command)
{
    const char *path = command->n_arguments > 0 ? command->arguments[0] : "experiment.yaml";
    const char *namespace = command->value[OPTION_NAMESPACE];

    if (text_equal(path, "-"))
        return write_all(stdout, "FILE", namespace);
    TRY(write_file(path, namespace));
    say("wrote %s; try: hone run %s", path, path);
    if (command->n_given[OPTION_JSON] > 0) {
        struct arena arena = { 0 };
        struct node *out = node_map(&arena);

        node_set(&arena, out, "path", node_text(&arena, path));
        print_json(out);
        arena_release(&arena);
    }
    return EXIT_DONE;
}
