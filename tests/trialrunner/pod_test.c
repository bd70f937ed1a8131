/*
 * Tests of pod templates: commands, environment, volumes, resources, and what is said of fields that mean nothing here.
 */
#include "tests/trialrunner/manifest.h"

/* One pod under test. */
struct trial_pod {
    struct arena arena;
    struct faults faults;
    struct plan_context context;
    struct pod_owner owner;
    struct node *objects; /* ConfigMaps and Secrets */
    struct role role;
};

static int set_up(void **state)
{
    struct trial_pod *pod = xcalloc(1, sizeof *pod);

    pod->context = plain_context();
    pod->owner.pod = "exp-abc-0";
    *state = pod;
    return 0;
}

static int tear_down(void **state)
{
    struct trial_pod *pod = *state;

    faults_release(&pod->faults);
    arena_release(&pod->arena);
    free(pod);
    return 0;
}

static const struct node *find_object(const void *owner, const char *kind, const char *name)
{
    const struct node *objects = owner;

    for (size_t i = 0; i < objects->length; i++) {
        if (strcmp(node_get(objects->items[i], "kind")->text, kind) == 0 &&
            strcmp(node_path(objects->items[i], "metadata.name")->text, name) == 0)
            return objects->items[i];
    }
    return NULL;
}

static void give_objects(struct trial_pod *pod, const char *text)
{
    pod->objects = read_manifest(&pod->arena, text);
    pod->context.resource = find_object;
    pod->context.resource_owner = pod->objects;
}

static void give_images(struct trial_pod *pod, const char *text)
{
    struct images *images = arena_alloc(&pod->arena, sizeof *images);

    images_parse(read_manifest(&pod->arena, text), "images.yaml", "/maps", &pod->arena, images, &pod->faults);
    pod->context.images = images;
}

static int plan(struct trial_pod *pod, const char *text)
{
    return pod_plan(read_manifest(&pod->arena, text), &pod->context, &pod->owner, &pod->arena, &pod->role,
                    &pod->faults);
}

/* The one container of a pod whose container is `{name: main, <fields>}`. */
static const struct container *plan_main(struct trial_pod *pod, const char *fields)
{
    char *text = xasprintf("spec:\n  containers:\n  - name: main\n%s", fields);
    int status = plan(pod, text);

    free(text);
    if (status < 0)
        print_error("%s\n", fail_message());
    assert_int_equal(status, 0);
    return &pod->role.containers[0];
}

static const char *refusal(struct trial_pod *pod, const char *fields)
{
    char *text = xasprintf("spec:\n  containers:\n  - name: main\n%s", fields);
    int status = plan(pod, text);

    free(text);
    assert_true(status < 0);
    return fail_message();
}

static const char *faults_of(struct trial_pod *pod, const char *template)
{
    struct faults faults = { 0 };
    const char *text;

    pod_check(read_manifest(&pod->arena, template), "exp.yaml", "spec.template", true, &pod->arena, &faults);
    text = printed(&faults, &pod->arena);
    faults_release(&faults);
    return text;
}

static void pod__command_and_args__are_argv(void **state)
{
    const struct container *main = plan_main(*state,
                                             "    command: [python3, train.py]\n    args: ['--lr=0.1', 'a  b']\n");

    assert_int_equal(main->n_argv, 4);
    assert_string_equal(main->argv[0], "python3");
    assert_string_equal(main->argv[3], "a  b");
    assert_true(main->collect);
    assert_string_equal(main->working_directory, "/home/user");
}

static void pod__shell__joins_words_with_single_spaces(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main;

    pod->context.shell = true;
    main = plan_main(pod, "    command: [python3, train.py]\n    args: ['--lr=0.1', '--name=\"x y\"']\n");
    assert_int_equal(main->n_argv, 3);
    assert_string_equal(main->argv[0], "sh");
    assert_string_equal(main->argv[1], "-c");
    assert_string_equal(main->argv[2], "python3 train.py --lr=0.1 --name=\"x y\"");
}

static void pod__shell_of_its_own__is_kept(void **state)
{
    static const char *const shells[][2] = {
        { "sh", "-c" }, { "bash", "-c" }, { "/bin/sh", "-c" }, { "/bin/bash", "-c" }, { "/usr/bin/bash", "-ec" },
    };
    struct trial_pod *pod = *state;

    pod->context.shell = true;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        char *fields = xasprintf("    command: [%s, %s]\n    args: ['cd /x && python3 a.py', '--lr=1']\n", shells[i][0],
                                 shells[i][1]);
        const struct container *main = plan_main(pod, fields);

        assert_int_equal(main->n_argv, 3);
        assert_string_equal(main->argv[0], shells[i][0]);
        assert_string_equal(main->argv[1], shells[i][1]);
        assert_string_equal(main->argv[2], "cd /x && python3 a.py --lr=1");
        free(fields);
    }
}

static void pod__shell_without_script_flag__is_wrapped(void **state)
{
    struct trial_pod *pod = *state;

    pod->context.shell = true;
    assert_string_equal(plan_main(pod, "    command: [bash, run.sh, -c]\n")->argv[2], "bash run.sh -c");
    assert_string_equal(plan_main(pod, "    command: [sh]\n")->argv[2], "sh");
}

static void pod__other_containers__are_not_wrapped(void **state)
{
    struct trial_pod *pod = *state;

    pod->context.shell = true;
    assert_int_equal(plan(pod, "spec:\n"
                               "  containers:\n"
                               "  - {name: main, command: [a, b]}\n"
                               "  - {name: helper, command: [c, d]}\n"),
                     0);
    assert_int_equal(pod->role.n_containers, 2);
    assert_string_equal(pod->role.containers[0].argv[0], "sh");
    assert_string_equal(pod->role.containers[1].argv[0], "c");
    assert_false(pod->role.containers[1].collect);
}

static void pod__primary_labels__choose_who_collects(void **state)
{
    static const char *const wanted[] = { "role=master", "katib.kubeflow.org/trial=exp-abc" };
    static const char *const labels[] = { "role=master" };
    struct trial_pod *pod = *state;
    const char *worker = "metadata: {labels: {role: worker}}\nspec: {containers: [{name: main, command: [a]}]}\n";
    const char *master = "metadata: {labels: {role: master}}\nspec: {containers: [{name: main, command: [a]}]}\n";

    pod->context.shell = true;
    pod->context.primary_labels = wanted;
    pod->context.n_primary_labels = 2;
    assert_int_equal(plan(pod, worker), 0);
    assert_false(pod->role.containers[0].collect);
    assert_string_equal(pod->role.containers[0].argv[0], "a");
    assert_int_equal(plan(pod, master), 0);
    assert_true(pod->role.containers[0].collect);
    pod->owner.labels = labels; /* the operator's label wins over the template's */
    pod->owner.n_labels = 1;
    assert_int_equal(plan(pod, worker), 0);
    assert_true(pod->role.containers[0].collect);
}

static void pod__no_command__takes_the_entrypoint_of_the_image_map(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main;

    give_images(pod,
                "images: [{match: 'app:*', workingDir: app, entrypoint: [python, main.py], env: {A: '1', B: '2'},\n"
                "          paths: {/opt/app: app, /data: /srv/data}}]");
    main = plan_main(pod, "    image: app:1.0\n    args: [--x]\n    env: [{name: B, value: three}]\n");
    assert_int_equal(main->n_argv, 3);
    assert_string_equal(main->argv[1], "main.py");
    assert_string_equal(main->argv[2], "--x");
    assert_string_equal(main->working_directory, "/maps/app");
    assert_string_equal(variable(main, "A"), "1");
    assert_string_equal(variable(main, "B"), "three");
    assert_int_equal(mount_at(main, "/opt/app")->kind, MOUNT_HOST);
    assert_string_equal(mount_at(main, "/opt/app")->source, "/maps/app");
    assert_string_equal(mount_at(main, "/data")->source, "/srv/data");
    assert_int_equal(pod->faults.n_warnings, 0);
}

static void pod__no_command_of_an_unknown_image__says_what_to_do(void **state)
{
    const char *message = refusal(*state, "    image: app:1.0\n    args: [--x]\n");

    assert_contains(message, "container \"main\"");
    assert_contains(message, "images.yaml");
    assert_contains(message, "match: \"app:1.0\"");
}

static void pod__unmapped_image__warns_once(void **state)
{
    struct trial_pod *pod = *state;

    plan_main(pod, "    image: app:1.0\n    command: [a]\n");
    plan_main(pod, "    image: app:1.0\n    command: [b]\n");
    assert_int_equal(pod->faults.n_warnings, 1);
    assert_contains(printed(&pod->faults, &pod->arena), "/home/user");
}

static void pod__references_to_variables__expand_as_in_kubernetes(void **state)
{
    const struct container *main = plan_main(*state,
                                             "    command: [echo, '$(A)-$(MISSING)', '$$(A)', '$(A', '$x $', '$(B)']\n"
                                             "    env:\n"
                                             "    - {name: A, value: one}\n"
                                             "    - {name: B, value: '<$(A)$(C)>'}\n"
                                             "    - {name: C, value: later}\n");

    assert_string_equal(main->argv[1], "one-$(MISSING)");
    assert_string_equal(main->argv[2], "$(A)");
    assert_string_equal(main->argv[3], "$(A");
    assert_string_equal(main->argv[4], "$x $");
    assert_string_equal(main->argv[5], "<one$(C)>");
}

static void pod__variables_that_double__are_refused_in_time(void **state)
{
    struct text fields = { 0 };
    struct trial_pod *pod = *state;

    text_add(&fields, "    command: [a]\n    env:\n    - {name: V0, value: xxxxxxxxxxxxxxxx}\n");
    for (int i = 1; i < 60; i++)
        text_printf(&fields, "    - {name: V%d, value: $(V%d)$(V%d)}\n", i, i - 1, i - 1);
    assert_contains(refusal(pod, fields.data), "longer than 131071 bytes");
    text_release(&fields);
}

static void pod__every_container__gets_our_variables(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main = plan_main(pod, "    command: [a]\n    resources: {limits: {cpu: 1500m}}\n");

    assert_string_equal(variable(main, "PYTHONUNBUFFERED"), "1");
    assert_string_equal(variable(main, "KATIB_TRIAL_NAME"), "exp-abc");
    assert_string_equal(variable(main, "HONE_TRIAL"), "exp-abc");
    assert_string_equal(variable(main, "HONE_TRIAL_NAMESPACE"), "team");
    assert_string_equal(variable(main, "OMP_NUM_THREADS"), "2");
    assert_string_equal(variable(main, "OPENBLAS_NUM_THREADS"), "2");
    main = plan_main(pod, "    command: [a]\n    env: [{name: PYTHONUNBUFFERED, value: ''}]\n");
    assert_string_equal(variable(main, "PYTHONUNBUFFERED"), "");
    assert_null(variable(main, "OMP_NUM_THREADS"));
}

static const char objects[] = "- kind: ConfigMap\n"
                              "  metadata: {name: settings}\n"
                              "  data: {RATE: '0.1', 'a b': x, config.yaml: \"deep: 1\\n\"}\n"
                              "  binaryData: {RAW: AAEC}\n"
                              "- kind: Secret\n"
                              "  metadata: {name: keys}\n"
                              "  data: {TOKEN: c2VjcmV0, BAD: '!!'}\n"
                              "- kind: Secret\n"
                              "  metadata: {name: login}\n"
                              "  data: {USER: YWRh, PASS: b2xk}\n"
                              "  stringData: {PASS: new}\n";

static void pod__config_maps_and_secrets__fill_variables(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main;

    give_objects(pod, objects);
    main = plan_main(pod, "    command: [a]\n"
                          "    envFrom:\n"
                          "    - {prefix: S_, configMapRef: {name: settings}}\n"
                          "    - {secretRef: {name: login}}\n"
                          "    - {configMapRef: {name: nothing, optional: true}}\n"
                          "    env:\n"
                          "    - {name: RATE, valueFrom: {configMapKeyRef: {name: settings, key: RATE}}}\n"
                          "    - {name: USER, valueFrom: {secretKeyRef: {name: login, key: USER}}}\n"
                          "    - {name: NONE, valueFrom: {secretKeyRef: {name: login, key: none, optional: true}}}\n");
    assert_string_equal(variable(main, "S_RATE"), "0.1");
    assert_string_equal(variable(main, "PASS"), "new");
    assert_string_equal(variable(main, "RATE"), "0.1");
    assert_string_equal(variable(main, "USER"), "ada");
    assert_null(variable(main, "NONE"));
    assert_null(variable(main, "S_RAW"));
    assert_contains(printed(&pod->faults, &pod->arena), "S_a b");
}

static void pod__absent_config_map__says_how_to_give_it(void **state)
{
    struct trial_pod *pod = *state;

    assert_contains(refusal(pod, "    command: [a]\n    envFrom: [{configMapRef: {name: gone}}]\n"), "--with FILE");
    give_objects(pod, objects);
    assert_contains(
        refusal(pod,
                "    command: [a]\n    env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: b}}}]\n"),
        "has no key \"b\"");
    assert_contains(refusal(pod, "    command: [a]\n    envFrom: [{secretRef: {name: keys}}]\n"), "expected base64");
}

static void pod__fields_of_itself__fill_variables(void **state)
{
    static const char *const labels[] = { "operator=yes" };
    struct trial_pod *pod = *state;
    const struct container *main;

    pod->owner.labels = labels;
    pod->owner.n_labels = 1;
    assert_int_equal(plan(pod,
                          "metadata: {labels: {app: mnist}, annotations: {note: 'a \"b\"'}}\n"
                          "spec:\n"
                          "  containers:\n"
                          "  - name: main\n"
                          "    command: [a]\n"
                          "    resources: {limits: {memory: 1Gi, cpu: 500m}}\n"
                          "    env:\n"
                          "    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}\n"
                          "    - {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}\n"
                          "    - {name: APP, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}\n"
                          "    - {name: OP, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['operator']\"}}}\n"
                          "    - {name: EXP, valueFrom: {fieldRef: {fieldPath: "
                          "\"metadata.labels['katib.kubeflow.org/experiment']\"}}}\n"
                          "    - {name: NOTE, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['note']\"}}}\n"
                          "    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n"
                          "    - {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}\n"
                          "    - {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu}}}\n"),
                     0);
    main = &pod->role.containers[0];
    assert_string_equal(variable(main, "POD"), "exp-abc-0");
    assert_string_equal(variable(main, "NS"), "team");
    assert_string_equal(variable(main, "APP"), "mnist");
    assert_string_equal(variable(main, "OP"), "yes");
    assert_string_equal(variable(main, "EXP"), "exp");
    assert_string_equal(variable(main, "NOTE"), "a \"b\"");
    assert_string_equal(variable(main, "IP"), "127.0.0.1");
    assert_string_equal(variable(main, "MEM"), "1024");
    assert_string_equal(variable(main, "CPU"), "1");
}

static void pod__field_that_is_none__is_refused(void **state)
{
    assert_contains(
        refusal(*state, "    command: [a]\n    env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]\n"),
        "status.phase");
    assert_contains(
        refusal(*state,
                "    command: [a]\n    env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['\"}}}]\n"),
        "fieldRef");
    assert_contains(
        refusal(*state,
                "    command: [a]\n    env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]\n"),
        "limits.cpu is not declared");
}

static void pod__resources__are_read(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main = plan_main(
        pod, "    command: [a]\n"
             "    resources:\n"
             "      requests: {cpu: 250m, memory: 64Mi, ephemeral-storage: 1Gi}\n"
             "      limits: {cpu: 2, memory: 1Gi, nvidia.com/gpu: 2, example.com/fpga: 1}\n");

    assert_close(main->requests.cpus, 0.25, 1e-12);
    assert_close(main->limits.memory, 1024.0 * 1024 * 1024, 0);
    assert_int_equal(main->limits.gpus, 2);
    assert_close(role_resources(&pod->role).cpus, 0.25, 1e-12);
    assert_int_equal(role_resources(&pod->role).gpus, 2);
    assert_int_equal(pod->faults.n_warnings, 2);
    assert_contains(printed(&pod->faults, &pod->arena), "example.com/fpga");
}

static void pod__wrong_resources__are_refused(void **state)
{
    assert_contains(refusal(*state, "    command: [a]\n    resources: {limits: {nvidia.com/gpu: 500m}}\n"),
                    "nvidia.com/gpu");
    assert_contains(refusal(*state, "    command: [a]\n    resources: {limits: {cpu: lots}}\n"), "lots");
    assert_contains(refusal(*state, "    command: [a]\n    resources: {requests: {cpu: 2}, limits: {cpu: 1}}\n"),
                    "less than");
}

static void pod__volumes__become_mounts(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main, *helper;

    give_objects(pod, objects);
    assert_int_equal(
        plan(pod,
             "spec:\n"
             "  volumes:\n"
             "  - {name: scratch, emptyDir: {}}\n"
             "  - {name: data, hostPath: {path: /srv/data/, type: DirectoryOrCreate}}\n"
             "  - {name: settings, configMap: {name: settings, defaultMode: 0400, items: [{key: config.yaml, path: "
             "a/c.yaml}]}}\n"
             "  - {name: keys, secret: {secretName: login}}\n"
             "  - {name: claim, persistentVolumeClaim: {claimName: models, readOnly: true}}\n"
             "  - {name: me, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}\n"
             "  - {name: all, projected: {sources: [{configMap: {name: settings, items: [{key: RATE, path: rate}]}},\n"
             "                                       {secret: {name: login, items: [{key: PASS, path: pass}]}}]}}\n"
             "  containers:\n"
             "  - name: main\n"
             "    command: [a]\n"
             "    env: [{name: RUN, value: r1}]\n"
             "    volumeMounts:\n"
             "    - {name: scratch, mountPath: /scratch/deep, subPathExpr: $(RUN)}\n"
             "    - {name: scratch, mountPath: /scratch}\n"
             "    - {name: data, mountPath: /data, subPath: mnist, readOnly: true}\n"
             "    - {name: settings, mountPath: /etc/app/c.yaml, subPath: a/c.yaml}\n"
             "    - {name: keys, mountPath: /keys}\n"
             "    - {name: claim, mountPath: /models}\n"
             "    - {name: me, mountPath: /me}\n"
             "    - {name: all, mountPath: /all}\n"
             "  - name: helper\n"
             "    command: [b]\n"
             "    volumeMounts: [{name: scratch, mountPath: /other}]\n"),
        0);
    main = &pod->role.containers[0];
    helper = &pod->role.containers[1];
    assert_int_equal(main->n_mounts, 8);
    assert_int_equal(mount_at(main, "/scratch")->kind, MOUNT_PRIVATE);
    assert_string_equal(mount_at(main, "/scratch")->source, mount_at(helper, "/other")->source);
    assert_string_equal(mount_at(main, "/scratch/deep")->source, "scratch/r1");
    assert_true(mount_at(main, "/scratch") < mount_at(main, "/scratch/deep"));
    assert_string_equal(mount_at(main, "/data")->source, "/srv/data/mnist");
    assert_true(mount_at(main, "/data")->read_only);
    assert_true(mount_at(main, "/data")->create);
    assert_int_equal(mount_at(main, "/etc/app/c.yaml")->kind, MOUNT_FILES);
    assert_string_equal(mount_at(main, "/etc/app/c.yaml")->source, "a/c.yaml");
    assert_string_equal(mount_at(main, "/etc/app/c.yaml")->files[0].content, "deep: 1\n");
    assert_int_equal(mount_at(main, "/etc/app/c.yaml")->files[0].mode, 0400);
    assert_int_equal(mount_at(main, "/keys")->n_files, 2);
    assert_string_equal(mount_at(main, "/models")->source, "/var/claims/team/models");
    assert_true(mount_at(main, "/models")->read_only);
    assert_string_equal(mount_at(main, "/me")->files[0].content,
                        "katib.kubeflow.org/experiment=\"exp\"\nkatib.kubeflow.org/trial=\"exp-abc\"\n");
    assert_int_equal(mount_at(main, "/all")->n_files, 2);
    assert_string_equal(mount_at(main, "/all")->files[1].content, "new");
}

static void pod__binary_data__is_decoded(void **state)
{
    struct trial_pod *pod = *state;
    const struct mount *mount;

    give_objects(pod, objects);
    assert_int_equal(plan(pod,
                          "spec:\n"
                          "  volumes: [{name: v, configMap: {name: settings, items: [{key: RAW, path: raw}]}}]\n"
                          "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /v}]}]\n"),
                     0);
    mount = mount_at(&pod->role.containers[0], "/v");
    assert_int_equal(mount->files[0].length, 3);
    assert_memory_equal(mount->files[0].content, "\0\1\2", 3);
}

static void pod__paths_that_climb__are_refused(void **state)
{
    struct trial_pod *pod = *state;

    give_objects(pod, objects);
    assert_true(
        plan(pod, "spec:\n  volumes: [{name: v, emptyDir: {}}]\n"
                  "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /a/../b}]}]\n") < 0);
    assert_true(plan(pod, "spec:\n  volumes: [{name: v, emptyDir: {}}]\n"
                          "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /a, subPath: "
                          "x/../..}]}]\n") < 0);
    assert_true(plan(pod,
                     "spec:\n  volumes: [{name: v, configMap: {name: settings, items: [{key: RATE, path: ../rate}]}}]\n"
                     "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /a}]}]\n") < 0);
    assert_contains(fail_message(), "below the volume");
    assert_true(plan(pod,
                     "spec:\n  volumes: [{name: v, persistentVolumeClaim: {claimName: ../x}}]\n"
                     "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /a}]}]\n") < 0);
}

static void pod__image_paths__come_before_volumes(void **state)
{
    struct trial_pod *pod = *state;

    give_images(pod, "images: [{match: app, paths: {/data: /srv/real}}]");
    assert_int_equal(
        plan(pod,
             "spec:\n  volumes: [{name: v, nfs: {server: a, path: /b}}]\n"
             "  containers: [{name: main, image: app, command: [a], volumeMounts: [{name: v, mountPath: /data}]}]\n"),
        0);
    assert_int_equal(pod->role.containers[0].n_mounts, 1);
    assert_string_equal(mount_at(&pod->role.containers[0], "/data")->source, "/srv/real");
}

static void pod__metrics_directory__is_private_unless_mounted(void **state)
{
    struct trial_pod *pod = *state;
    const struct container *main;

    pod->context.metrics_directory = "/katib/";
    main = plan_main(pod, "    command: [a]\n");
    assert_int_equal(main->n_mounts, 1);
    assert_int_equal(mount_at(main, "/katib")->kind, MOUNT_PRIVATE);
    assert_int_equal(plan(pod,
                          "spec:\n  volumes: [{name: v, hostPath: {path: /srv}}]\n"
                          "  containers: [{name: main, command: [a], volumeMounts: [{name: v, mountPath: /katib}]},\n"
                          "               {name: other, command: [a]}]\n"),
                     0);
    assert_int_equal(mount_at(&pod->role.containers[0], "/katib")->kind, MOUNT_HOST);
    assert_int_equal(pod->role.containers[1].n_mounts, 0);
    pod->context.metrics_directory = "/";
    assert_contains(refusal(pod, "    command: [a]\n"), "directory of its own");
}

static void pod__init_containers__come_first_and_sidecars_beside(void **state)
{
    struct trial_pod *pod = *state;

    assert_int_equal(
        plan(pod, "spec:\n"
                  "  restartPolicy: OnFailure\n"
                  "  initContainers:\n"
                  "  - {name: fetch, command: [get], resources: {requests: {cpu: 4}}}\n"
                  "  - {name: proxy, command: [serve], restartPolicy: Always, resources: {requests: {cpu: 1}}}\n"
                  "  containers: [{name: main, command: [a], resources: {requests: {cpu: 2}}}]\n"),
        0);
    assert_int_equal(pod->role.restart, RESTART_ON_FAILURE);
    assert_int_equal(pod->role.n_init, 1);
    assert_string_equal(pod->role.init[0].name, "fetch");
    assert_int_equal(pod->role.n_containers, 2);
    assert_string_equal(pod->role.containers[0].name, "proxy");
    assert_true(pod->role.containers[0].sidecar);
    assert_false(pod->role.containers[1].sidecar);
    assert_true(pod->role.containers[1].collect);
    assert_close(role_resources(&pod->role).cpus, 4, 1e-12);
}

static void pod__fields_without_meaning_here__are_named_once_each(void **state)
{
    struct trial_pod *pod = *state;
    const char *template =
        "spec:\n"
        "  serviceAccountName: robot\n"
        "  automountServiceAccountToken: false\n"
        "  tolerations: [{operator: Exists}]\n"
        "  nodeSelector: {gpu: a100}\n"
        "  containers:\n"
        "  - {name: main, command: [a], imagePullPolicy: Always, ports: [{containerPort: 80}]}\n"
        "  - {name: other, command: [a], imagePullPolicy: Always, livenessProbe: {exec: {command: [x]}}}\n";
    const char *said;

    assert_int_equal(plan(pod, template), 0);
    assert_int_equal(plan(pod, template), 0);
    said = printed(&pod->faults, &pod->arena);
    assert_int_equal(pod->faults.n_warnings, 6);
    assert_contains(said, "serviceAccountName: ");
    assert_contains(said, "tolerations: ");
    assert_contains(said, "nodeSelector: ");
    assert_contains(said, "imagePullPolicy: ");
    assert_contains(said, "ports: ");
    assert_contains(said, "livenessProbe: ");
}

static void pod_check__typos__are_found_with_the_nearest_name(void **state)
{
    const char *said = faults_of(*state, "metadata: {label: {}}\n"
                                         "spec:\n"
                                         "  restartPolcy: Never\n"
                                         "  containers:\n"
                                         "  - name: main\n"
                                         "    comand: [a]\n"
                                         "    env: [{name: A, vale: b}]\n"
                                         "    resources: {limit: {cpu: 1}}\n");

    assert_contains(said, "exp.yaml:3:3: spec.template.spec.restartPolcy: unknown field; did you mean restartPolicy?");
    assert_contains(said, "spec.template.spec.containers[0].comand: unknown field; did you mean command?");
    assert_contains(said, "containers[0].env[0].vale: unknown field; did you mean value?");
    assert_contains(said, "containers[0].resources.limit: unknown field; did you mean limits?");
    assert_contains(said, "spec.template.metadata.label: unknown field; did you mean labels?");
}

static void pod_check__wrong_types_and_references__are_found(void **state)
{
    const char *said = faults_of(*state, "spec:\n"
                                         "  terminationGracePeriodSeconds: soon\n"
                                         "  restartPolicy: Sometimes\n"
                                         "  volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]\n"
                                         "  containers:\n"
                                         "  - {name: Main_1, command: python, workingDir: here}\n"
                                         "  - {command: [{a: b}], volumeMounts: [{name: w, mountPath: relative}]}\n");

    assert_contains(said, "terminationGracePeriodSeconds: expected an integer of 0 or more, got \"soon\"");
    assert_contains(said, "restartPolicy: expected Never, OnFailure or Always, got \"Sometimes\"");
    assert_contains(said, "volumes[1].name: expected a name of its own");
    assert_contains(said, "containers[0].name: expected lower case letters");
    assert_contains(said, "containers[0].command: expected a list, got \"python\"");
    assert_contains(said, "containers[0].workingDir: expected an absolute path");
    assert_contains(said, "containers[1].name: expected a value, got nothing");
    assert_contains(said, "containers[1].command[0]: expected a text, got a map");
    assert_contains(said, "volumeMounts[0].name: expected the name of a volume of the pod, got \"w\"");
    assert_contains(said, "volumeMounts[0].mountPath: expected an absolute path");
}

static void pod_check__placeholders__stand_for_anything(void **state)
{
    assert_string_equal(
        faults_of(
            *state,
            "spec:\n"
            "  terminationGracePeriodSeconds: ${trialParameters.grace}\n"
            "  volumes: [{name: '${trialParameters.v}', emptyDir: {}}]\n"
            "  containers:\n"
            "  - name: ${trialParameters.name}\n"
            "    command: [a]\n"
            "    workingDir: ${trialParameters.dir}\n"
            "    resources: {limits: {cpu: '${trialParameters.cpu}', memory: '${trialParameters.m}Gi'}}\n"
            "    volumeMounts: [{name: v, mountPath: '${trialParameters.dir}', readOnly: '${trialParameters.r}'}]\n"),
        "");
}

static void pod_check__nothing_at_all__is_a_fault(void **state)
{
    assert_contains(faults_of(*state, "{}"), "spec.template.spec: expected a value, got nothing");
    assert_contains(faults_of(*state, "spec: {containers: []}"), "expected 1 to 64 containers, got 0");
    assert_contains(faults_of(*state, "[1]"), "spec.template: expected a map, got a list");
}

#define POD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POD_TEST(pod__command_and_args__are_argv),
        POD_TEST(pod__shell__joins_words_with_single_spaces),
        POD_TEST(pod__shell_of_its_own__is_kept),
        POD_TEST(pod__shell_without_script_flag__is_wrapped),
        POD_TEST(pod__other_containers__are_not_wrapped),
        POD_TEST(pod__primary_labels__choose_who_collects),
        POD_TEST(pod__no_command__takes_the_entrypoint_of_the_image_map),
        POD_TEST(pod__no_command_of_an_unknown_image__says_what_to_do),
        POD_TEST(pod__unmapped_image__warns_once),
        POD_TEST(pod__references_to_variables__expand_as_in_kubernetes),
        POD_TEST(pod__variables_that_double__are_refused_in_time),
        POD_TEST(pod__every_container__gets_our_variables),
        POD_TEST(pod__config_maps_and_secrets__fill_variables),
        POD_TEST(pod__absent_config_map__says_how_to_give_it),
        POD_TEST(pod__fields_of_itself__fill_variables),
        POD_TEST(pod__field_that_is_none__is_refused),
        POD_TEST(pod__resources__are_read),
        POD_TEST(pod__wrong_resources__are_refused),
        POD_TEST(pod__volumes__become_mounts),
        POD_TEST(pod__binary_data__is_decoded),
        POD_TEST(pod__paths_that_climb__are_refused),
        POD_TEST(pod__image_paths__come_before_volumes),
        POD_TEST(pod__metrics_directory__is_private_unless_mounted),
        POD_TEST(pod__init_containers__come_first_and_sidecars_beside),
        POD_TEST(pod__fields_without_meaning_here__are_named_once_each),
        POD_TEST(pod_check__typos__are_found_with_the_nearest_name),
        POD_TEST(pod_check__wrong_types_and_references__are_found),
        POD_TEST(pod_check__placeholders__stand_for_anything),
        POD_TEST(pod_check__nothing_at_all__is_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
