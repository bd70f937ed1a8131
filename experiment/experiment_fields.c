/*
 * Every field of an Experiment (kubeflow.org/v1beta1), of spec.hone and of the image map.
 *
 * To add a field: its row here, its getter in the spec_*.c file that reads it; reading asserts that the row is there, and
 * spec_test.c that the reader takes every row.
 */
#include "experiment/explain.h"

#define KATIB(path, type, fallback, help) \
    {                                     \
        path, type, fallback, help, false \
    }
#define OURS(path, type, fallback, help) \
    {                                    \
        path, type, fallback, help, true \
    }

/* The fields of one search parameter, in spec.parameters[] and in an operation of nasConfig. */
#define PARAMETER_FIELDS(at)                                                                                           \
    KATIB(at, "list of objects", NULL, "What is searched: each member is one typed parameter."),                       \
        KATIB(at "[].name", "string", "required", "Unique; trialParameters[].reference names it."),                    \
        KATIB(at "[].parameterType", "double | int | discrete | categorical", "required",                              \
              "discrete is a list of numbers in their order, categorical a list of texts without one."),               \
        KATIB(at "[].feasibleSpace", "object", "required", "The values it may take."),                                 \
        KATIB(at "[].feasibleSpace.min", "string", NULL,                                                               \
              "Smallest value; required for double and int. Text or number."),                                         \
        KATIB(at "[].feasibleSpace.max", "string", NULL,                                                               \
              "Largest value; required for double and int. Text or number."),                                          \
        KATIB(at "[].feasibleSpace.step", "string", "int: 1; double: none",                                            \
              "Values are min + k * step. grid needs it for a double."),                                               \
        KATIB(at "[].feasibleSpace.list", "list of strings", NULL,                                                     \
              "The choices of a discrete or categorical parameter."),                                                  \
        KATIB(at "[].feasibleSpace.distribution", "uniform | logUniform | normal | logNormal", "uniform",              \
              "Where samples are dense. normal: mean in the middle, standard deviation (max - min) / 6, cut to [min, " \
              "max]; "                                                                                                 \
              "the log forms do the same in the logarithm and need min > 0.")

const struct field_help experiment_fields[] = {
    KATIB("apiVersion", "string", "required", "kubeflow.org/v1beta1."),
    KATIB("kind", "string", "required", "Experiment."),
    KATIB("metadata", "object", "required", "How the Experiment is called."),
    KATIB("metadata.name", "string", "required",
          "Lower-case letters, digits and '-', from a letter to a letter or digit, at most 40 characters."),
    KATIB("metadata.namespace", "string", "-n, else default", "Keeps experiments of the same name apart."),
    KATIB("metadata.labels", "map of strings", NULL, "Kept with the Experiment and copied to its Trials."),
    KATIB("metadata.annotations", "map of strings", NULL, "Kept with the document."),
    KATIB("metadata.uid", "string", NULL, "Written by a server; passed over."),
    KATIB("metadata.resourceVersion", "string", NULL, "Written by a server; passed over."),
    KATIB("metadata.generation", "integer", NULL, "Written by a server; passed over."),
    KATIB("metadata.creationTimestamp", "string", NULL, "Written by a server; passed over."),
    KATIB("metadata.finalizers", "list of strings", NULL, "Written by a server; passed over."),
    KATIB("metadata.managedFields", "list of manifests", NULL, "Written by a server; passed over."),
    KATIB("metadata.ownerReferences", "list of manifests", NULL, "Written by a server; passed over."),
    KATIB("metadata.selfLink", "string", NULL, "Written by a server; passed over."),
    KATIB("spec", "object", "required", "What is tuned, how, and what one trial runs."),

    KATIB("spec.parallelTrialCount", "integer", "3, or maxTrialCount if that is smaller",
          "Trials that run at the same time, at most maxTrialCount. Can be edited."),
    KATIB("spec.maxTrialCount", "integer", "none: until the goal is reached",
          "Trials that make the Experiment complete. Can be edited."),
    KATIB("spec.maxFailedTrialCount", "integer", "none: any number may fail",
          "When so many trials have failed the Experiment fails (0 is as 1: the first failure). Can be edited."),
    KATIB("spec.resumePolicy", "Never | LongRunning | FromVolume", "Never",
          "Whether an Experiment that has succeeded may go on after maxTrialCount is raised: not with Never."),

    KATIB("spec.objective", "object", "required", "The metric that is optimised, and the metrics kept beside it."),
    KATIB("spec.objective.type", "minimize | maximize", "required", "Which way is better."),
    KATIB("spec.objective.goal", "number", "none",
          "The Experiment succeeds as soon as the best objective is at least this good."),
    KATIB("spec.objective.objectiveMetricName", "string", "required", "The metric's name as the trial prints it."),
    KATIB("spec.objective.additionalMetricNames", "list of strings", NULL,
          "Further metrics to keep; without the objective itself."),
    KATIB("spec.objective.metricStrategies", "list of objects", NULL,
          "Which report of a metric is its value: the smallest, the largest or the latest."),
    KATIB("spec.objective.metricStrategies[].name", "string", "required", "Name of a metric of the objective."),
    KATIB("spec.objective.metricStrategies[].value", "min | max | latest",
          "min when minimized, max when maximized, latest for additional metrics", "The strategy."),

    KATIB("spec.algorithm", "object", "required", "How points are suggested."),
    KATIB("spec.algorithm.algorithmName", "string", "required", "Name of a search method, such as random or tpe."),
    KATIB("spec.algorithm.algorithmSettings", "list of objects", NULL, "Settings of the method."),
    KATIB("spec.algorithm.algorithmSettings[].name", "string", "required", "Name of the setting."),
    KATIB("spec.algorithm.algorithmSettings[].value", "string", "required", "Its value; text or number."),
    KATIB("spec.earlyStopping", "object", "none", "Which trials are stopped before their end."),
    KATIB("spec.earlyStopping.algorithmName", "string", "required", "Name of a rule, such as medianstop."),
    KATIB("spec.earlyStopping.algorithmSettings", "list of objects", NULL, "Settings of the rule."),
    KATIB("spec.earlyStopping.algorithmSettings[].name", "string", "required", "Name of the setting."),
    KATIB("spec.earlyStopping.algorithmSettings[].value", "string", "required", "Its value; text or number."),

    PARAMETER_FIELDS("spec.parameters"),
    OURS("spec.parameters[].condition", "object", "none: always active",
         "The parameter exists only where an earlier one has certain values; elsewhere its arguments are left out."),
    OURS("spec.parameters[].condition.parameter", "string", "required", "Name of an earlier parameter."),
    OURS("spec.parameters[].condition.in", "list of strings", NULL,
         "Active when the earlier one has one of these values."),
    OURS("spec.parameters[].condition.min", "string", NULL, "Active when the earlier one is at least this."),
    OURS("spec.parameters[].condition.max", "string", NULL, "Active when the earlier one is at most this."),

    KATIB("spec.nasConfig", "object", NULL, "Search for a network's architecture, instead of parameters."),
    KATIB("spec.nasConfig.graphConfig", "object", "required", "The network around what is searched."),
    KATIB("spec.nasConfig.graphConfig.numLayers", "integer", "required", "Layers."),
    KATIB("spec.nasConfig.graphConfig.inputSizes", "list of integers", NULL, "Shape of the input; enas needs it."),
    KATIB("spec.nasConfig.graphConfig.outputSizes", "list of integers", NULL, "Shape of the output; enas needs it."),
    KATIB("spec.nasConfig.operations", "list of objects", "required", "What a layer may be."),
    KATIB("spec.nasConfig.operations[].operationType", "string", "required", "Name of the operation."),
    PARAMETER_FIELDS("spec.nasConfig.operations[].parameters"),

    KATIB("spec.metricsCollectorSpec", "object", "StdOut", "Where the metrics of a trial are read from."),
    KATIB("spec.metricsCollectorSpec.collector", "object", "StdOut", "The collector."),
    KATIB("spec.metricsCollectorSpec.collector.kind",
          "StdOut | File | TensorFlowEvent | PrometheusMetric | Custom | Push | None", "StdOut", "Kind of collector."),
    KATIB("spec.metricsCollectorSpec.collector.customCollector", "manifest", NULL,
          "The container of a Custom collector."),
    KATIB("spec.metricsCollectorSpec.source", "object", NULL, "What the collector reads."),
    KATIB("spec.metricsCollectorSpec.source.filter", "object", NULL, "How a line of text is read."),
    KATIB("spec.metricsCollectorSpec.source.filter.metricsFormat", "list of strings", "name=value",
          "Regular expressions with two groups: the metric's name and its value."),
    KATIB("spec.metricsCollectorSpec.source.fileSystemPath", "object", NULL,
          "File or directory that the trial writes."),
    KATIB("spec.metricsCollectorSpec.source.fileSystemPath.path", "string",
          "File: /var/log/katib/metrics.log; TensorFlowEvent: /var/log/katib/tfevent/",
          "Absolute, as the trial sees it."),
    KATIB("spec.metricsCollectorSpec.source.fileSystemPath.kind", "File | Directory",
          "File; TensorFlowEvent: Directory", "Which of the two it is."),
    KATIB("spec.metricsCollectorSpec.source.fileSystemPath.format", "TEXT | JSON", "TEXT",
          "Format of a File collector's file: lines for the filter, or one JSON object a line."),
    KATIB("spec.metricsCollectorSpec.source.httpGet", "object", NULL, "Where a PrometheusMetric collector asks."),
    KATIB("spec.metricsCollectorSpec.source.httpGet.path", "string", "/metrics", "Path, from a slash."),
    KATIB("spec.metricsCollectorSpec.source.httpGet.port", "integer", "8080",
          "Port, if the training does not use its own in HONE_METRICS_PORT: parallel trials share a machine."),
    KATIB("spec.metricsCollectorSpec.source.httpGet.host", "string", NULL, "Not used by Katib, nor here."),
    KATIB("spec.metricsCollectorSpec.source.httpGet.scheme", "string", NULL, "Not used by Katib, nor here."),
    KATIB("spec.metricsCollectorSpec.source.httpGet.httpHeaders", "list of manifests", NULL,
          "Not used by Katib, nor here."),

    KATIB("spec.trialTemplate", "object", "required", "What one trial runs."),
    KATIB("spec.trialTemplate.trialSpec", "manifest", NULL,
          "The job, with ${trialParameters.NAME} where values go; without metadata.name and metadata.namespace."),
    KATIB("spec.trialTemplate.configMap", "object", NULL, "Where the job's text is found, instead of trialSpec."),
    KATIB("spec.trialTemplate.configMap.configMapName", "string", "required", "Name of the ConfigMap."),
    KATIB("spec.trialTemplate.configMap.configMapNamespace", "string", "required", "Its namespace."),
    KATIB("spec.trialTemplate.configMap.templatePath", "string", "required",
          "The key of its data that holds the YAML."),
    KATIB("spec.trialTemplate.trialParameters", "list of objects", "required", "What the placeholders stand for."),
    KATIB("spec.trialTemplate.trialParameters[].name", "string", "required",
          "NAME of ${trialParameters.NAME}; unique."),
    KATIB("spec.trialTemplate.trialParameters[].description", "string", NULL, "For people."),
    KATIB("spec.trialTemplate.trialParameters[].reference", "string", "required",
          "Name of a search parameter, or ${trialSpec.Name}, .Namespace, .Kind, .APIVersion, .Labels[key], "
          ".Annotations[key]; unique."),
    KATIB("spec.trialTemplate.primaryContainerName", "string", "required", "The container whose metrics count."),
    KATIB("spec.trialTemplate.primaryPodLabels", "map of strings", "by the kind of job",
          "Only pods with these labels are read for metrics."),
    KATIB("spec.trialTemplate.successCondition", "string", "by the kind of trialSpec",
          "GJSON path on the job's status; the trial has succeeded when it finds something."),
    KATIB("spec.trialTemplate.failureCondition", "string", "by the kind of trialSpec",
          "GJSON path on the job's status; the trial has failed when it finds something. Asked first."),
    KATIB("spec.trialTemplate.retain", "boolean", "false", "Keep the job when the trial is complete."),

    OURS("spec.hone", "object", NULL, "What Katib has no field for."),
    OURS("spec.hone.objectives", "list of objects", "spec.objective alone",
         "Several objectives; the first is spec.objective."),
    OURS("spec.hone.objectives[].metricName", "string", "required", "Name of the metric."),
    OURS("spec.hone.objectives[].type", "minimize | maximize", "required", "Which way is better."),
    OURS("spec.hone.objectives[].goal", "number", "none", "Good enough."),
    OURS("spec.hone.constraints", "list of objects", NULL, "Bounds on metrics that an acceptable trial keeps."),
    OURS("spec.hone.constraints[].metricName", "string", "required", "Name of the metric."),
    OURS("spec.hone.constraints[].min", "number", NULL, "It must be at least this."),
    OURS("spec.hone.constraints[].max", "number", NULL, "It must be at most this."),
    OURS("spec.hone.seed", "integer", "drawn when the Experiment begins", "The same seed gives the same suggestions."),
    OURS("spec.hone.skips", "boolean", "true",
         "Of nasConfig with enas: layers may read earlier layers besides the one before."),
    OURS("spec.hone.noisy", "boolean", "false", "The same point may give another objective, so points may come again."),
    OURS("spec.hone.enqueue", "list of maps of strings", NULL,
         "Points to try first: parameter names and values. What is left out is drawn at random."),
    OURS("spec.hone.warmStart", "list of objects", NULL, "Finished trials to learn from."),
    OURS("spec.hone.warmStart[].experiment", "string", NULL, "Name of another Experiment in the database."),
    OURS("spec.hone.warmStart[].namespace", "string", "that of this one", "Its namespace."),
    OURS("spec.hone.warmStart[].file", "string", NULL, "A CSV file of trials, instead of an experiment."),
    OURS("spec.hone.timeoutSeconds", "number", "none",
         "Running time of the Experiment after which no trial is begun and running ones are stopped."),
    OURS("spec.hone.stopAfterNoProgress", "integer", "none",
         "The Experiment succeeds when this many trials in a row have not improved the best and little is left to "
         "gain."),
    OURS("spec.hone.retries", "integer", "0", "Further attempts of a trial that failed."),
    OURS("spec.hone.backoffSeconds", "number", "0", "Wait before each further attempt."),
    OURS("spec.hone.logLimit", "quantity", "64Mi",
         "Bytes of output kept for a role; of more, the first and last parts stay."),
    OURS("spec.hone.keep", "all | best | failed | none", "all", "Trials whose directories stay."),
    OURS("spec.hone.roles", "list of objects", NULL,
         "The pods of a job kind that Hone does not know. They start together; $(HONE_ADDRESSES_NAME) has the "
         "addresses of "
         "role name, HONE_PORT a process's own."),
    OURS("spec.hone.roles[].name", "string", "required", "Name of the role; unique."),
    OURS("spec.hone.roles[].template", "string", "required",
         "Where its pod template stands in trialSpec, as spec.a.template."),
    OURS("spec.hone.roles[].replicas", "string", "1", "How many of it run, or where that stands in trialSpec."),
    OURS("spec.hone.roles[].decides", "boolean", "true for the first",
         "The trial has succeeded when all processes of the roles that decide have; the others are ended then."),
    OURS("spec.hone.engine", "local | slurm | kubernetes | client", "local",
         "Where trials run. client: programs ask for trials and tell the results; then there is no trialTemplate, "
         "parameters may be few or none and grow with what trials ask for, and parallelTrialCount is no limit unless "
         "given."),

    KATIB("status", "manifest", NULL, "Written by a server; passed over."),

    OURS("images", "list of objects", NULL,
         "The image map, a file of its own (--images FILE, or images.yaml beside the Experiment): what stands on this "
         "host "
         "for a container image."),
    OURS("images[].match", "string", "required", "Glob on the image's name; the first that matches counts."),
    OURS("images[].workingDir", "string", NULL, "Directory in which the container works, relative to the map's file."),
    OURS("images[].entrypoint", "list of strings", NULL, "Command of containers that give none."),
    OURS("images[].paths", "map of strings", NULL, "Container paths and the host paths that stand for them."),
    OURS("images[].env", "map of strings", NULL, "Environment that the image brings."),
    { 0 },
};
