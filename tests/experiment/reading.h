/*
 * Reading Experiment files in tests: one text or several in, bundle and faults as printed out.
 */
#ifndef HONE_TESTS_EXPERIMENT_READING_H
#define HONE_TESTS_EXPERIMENT_READING_H

#include "base/file.h"
#include "base/status.h"
#include "base/yaml.h"
#include "experiment/spec.h"

#include "tests/test.h"

struct reading {
    struct bundle bundle;
    struct faults faults;
    struct text printed; /* the faults */
    int code;
};

static inline void reading_parse(struct reading *reading, const char *text, const char *with, const char *images,
                                 const char *namespace)
{
    const struct source_file files[] = {
        { "/somewhere/exp.yaml", "exp.yaml", text, strlen(text) },
        { "/somewhere/with.yaml", "with.yaml", with ? with : "", with ? strlen(with) : 0 },
    };
    const struct source_file map = { "/elsewhere/images.yaml", "images.yaml", images, images ? strlen(images) : 0 };

    *reading = (struct reading){ 0 };
    reading->code = bundle_parse(&reading->bundle, files, with ? 2 : 1, images ? &map : NULL, namespace, false,
                                 &reading->faults);
    faults_print(&reading->faults, &reading->printed);
    assert_int_equal(reading->code, reading->faults.n_errors > 0 ? ERR_INVALID : 0);
}

static inline void reading_release(struct reading *reading)
{
    bundle_release(&reading->bundle);
    faults_release(&reading->faults);
    text_release(&reading->printed);
}

/* The only Experiment of a text without errors. */
static inline const struct spec *reading_spec(struct reading *reading, const char *text)
{
    reading_parse(reading, text, NULL, NULL, NULL);
    if (reading->code < 0)
        print_error("%s", text_string(&reading->printed));
    assert_int_equal(reading->code, 0);
    assert_int_equal(reading->bundle.n_specs, 1);
    return reading->bundle.specs[0];
}

/* The faults of a text, all of them, as printed. */
static inline void assert_faults(const char *text, const char *want)
{
    struct reading reading;

    reading_parse(&reading, text, NULL, NULL, NULL);
    if (strcmp(text_string(&reading.printed), want) != 0)
        fprintf(stderr, "got:\n%s", text_string(&reading.printed)); /* whole: cmocka cuts at 1 KiB */
    assert_string_equal(text_string(&reading.printed), want);
    reading_release(&reading);
}

/* An Experiment in pieces: tests put their own lines between. */
#define HEAD                             \
    "apiVersion: kubeflow.org/v1beta1\n" \
    "kind: Experiment\n"                 \
    "metadata:\n"                        \
    "  name: tune\n"                     \
    "spec:\n"
#define OBJECTIVE          \
    "  objective:\n"       \
    "    type: minimize\n" \
    "    objectiveMetricName: loss\n"
#define ALGORITHM    \
    "  algorithm:\n" \
    "    algorithmName: random\n"
#define PARAMETERS                  \
    "  parameters:\n"               \
    "    - name: lr\n"              \
    "      parameterType: double\n" \
    "      feasibleSpace: {min: 0.01, max: \"0.05\"}\n"
#define TEMPLATE_HEAD                  \
    "  trialTemplate:\n"               \
    "    primaryContainerName: main\n" \
    "    trialParameters:\n"           \
    "      - name: rate\n"             \
    "        reference: lr\n"
#define JOB_HEAD                         \
    "    trialSpec:\n"                   \
    "      apiVersion: batch/v1\n"       \
    "      kind: Job\n"                  \
    "      spec:\n"                      \
    "        template:\n"                \
    "          spec:\n"                  \
    "            restartPolicy: Never\n" \
    "            containers:\n"          \
    "              - name: main\n"       \
    "                image: img\n"
#define COMMAND "                command: [train, \"--lr=${trialParameters.rate}\"]\n"

#endif
