/*
 * Every field of a core/v1 pod template (Kubernetes 1.33), and what those mean here that a host without Kubernetes cannot
 * honour. Source: the API reference, PodTemplateSpec.
 */
#include "trialrunner/pod_shape.h"

#define NOT_PROBED  "not probed here; activeDeadlineSeconds ends a trial that hangs"
#define NO_CLUSTER  "means nothing on a single host; trials run beside hone"
#define NO_IDENTITY "the trial has the identity and rights of the user that runs hone"
#define NOT_MOUNTED \
    "not mounted here: the trial sees what this host has at that path, or what `paths` of images.yaml puts there"

const struct shape object_meta_shape[] = {
    { .name = "name", .type = SHAPE_TEXT },
    { .name = "namespace", .type = SHAPE_TEXT },
    { .name = "generateName", .type = SHAPE_TEXT },
    { .name = "labels", .type = SHAPE_TEXT_MAP },
    { .name = "annotations", .type = SHAPE_TEXT_MAP },
    { .name = "creationTimestamp" },
    { .name = "deletionGracePeriodSeconds" },
    { .name = "deletionTimestamp" },
    { .name = "finalizers", .type = SHAPE_TEXTS, .note = "no finalizer runs here" },
    { .name = "generation" },
    { .name = "managedFields" },
    { .name = "ownerReferences", .note = "a trial is owned by its experiment alone" },
    { .name = "resourceVersion" },
    { .name = "selfLink" },
    { .name = "uid" },
    { 0 },
};

static const struct shape key_ref[] = {
    { .name = "name", .type = SHAPE_TEXT },
    { .name = "key", .type = SHAPE_TEXT, .required = true },
    { .name = "optional", .type = SHAPE_BOOLEAN },
    { 0 },
};

static const struct shape object_ref[] = {
    { .name = "name", .type = SHAPE_TEXT },
    { .name = "optional", .type = SHAPE_BOOLEAN },
    { 0 },
};

static const struct shape field_ref[] = {
    { .name = "apiVersion", .type = SHAPE_TEXT },
    { .name = "fieldPath", .type = SHAPE_TEXT, .required = true },
    { 0 },
};

static const struct shape resource_field_ref[] = {
    { .name = "containerName", .type = SHAPE_TEXT },
    { .name = "divisor", .type = SHAPE_TEXT },
    { .name = "resource", .type = SHAPE_TEXT, .required = true },
    { 0 },
};

static const struct shape value_from[] = {
    { .name = "configMapKeyRef", .type = SHAPE_MAP, .shape = key_ref },
    { .name = "secretKeyRef", .type = SHAPE_MAP, .shape = key_ref },
    { .name = "fieldRef", .type = SHAPE_MAP, .shape = field_ref },
    { .name = "resourceFieldRef", .type = SHAPE_MAP, .shape = resource_field_ref },
    { .name = "fileKeyRef" },
    { 0 },
};

const struct shape env_shape[] = {
    { .name = "name", .type = SHAPE_TEXT, .required = true },
    { .name = "value", .type = SHAPE_TEXT },
    { .name = "valueFrom", .type = SHAPE_MAP, .shape = value_from },
    { 0 },
};

static const struct shape env_from[] = {
    { .name = "prefix", .type = SHAPE_TEXT },
    { .name = "configMapRef", .type = SHAPE_MAP, .shape = object_ref },
    { .name = "secretRef", .type = SHAPE_MAP, .shape = object_ref },
    { 0 },
};

const struct shape resources_shape[] = {
    { .name = "limits", .type = SHAPE_QUANTITIES },
    { .name = "requests", .type = SHAPE_QUANTITIES },
    { .name = "claims", .note = "device claims need Kubernetes; give nvidia.com/gpu in limits" },
    { 0 },
};

static const struct shape volume_mount[] = {
    { .name = "name", .type = SHAPE_TEXT, .required = true },
    { .name = "mountPath", .type = SHAPE_TEXT, .required = true },
    { .name = "readOnly", .type = SHAPE_BOOLEAN },
    { .name = "recursiveReadOnly", .type = SHAPE_TEXT, .note = "as readOnly" },
    { .name = "subPath", .type = SHAPE_TEXT },
    { .name = "subPathExpr", .type = SHAPE_TEXT },
    { .name = "mountPropagation", .type = SHAPE_TEXT, .note = "mounts of a trial are its own; nothing propagates" },
    { 0 },
};

const struct shape container_shape[] = {
    { .name = "name", .type = SHAPE_TEXT, .required = true },
    { .name = "image", .type = SHAPE_TEXT },
    { .name = "command", .type = SHAPE_TEXTS },
    { .name = "args", .type = SHAPE_TEXTS },
    { .name = "workingDir", .type = SHAPE_TEXT },
    { .name = "env", .type = SHAPE_MAPS, .shape = env_shape },
    { .name = "envFrom", .type = SHAPE_MAPS, .shape = env_from },
    { .name = "resources", .type = SHAPE_MAP, .shape = resources_shape },
    { .name = "volumeMounts", .type = SHAPE_MAPS, .shape = volume_mount },
    { .name = "restartPolicy", .type = SHAPE_TEXT },
    { .name = "restartPolicyRules", .note = "the pod's restartPolicy decides alone" },
    { .name = "imagePullPolicy",
      .type = SHAPE_TEXT,
      .note = "no image is pulled; images.yaml says what stands for one" },
    { .name = "lifecycle", .note = "hooks are not run; the container gets TERM, then KILL" },
    { .name = "livenessProbe", .note = NOT_PROBED },
    { .name = "readinessProbe", .note = NOT_PROBED },
    { .name = "startupProbe", .note = NOT_PROBED },
    { .name = "ports", .note = "containers share the ports of this host; parallel trials must not open the same one" },
    { .name = "resizePolicy", .note = "resources of a running container do not change here" },
    { .name = "securityContext", .note = NO_IDENTITY },
    { .name = "stdin", .type = SHAPE_BOOLEAN, .note = "standard input is empty" },
    { .name = "stdinOnce", .type = SHAPE_BOOLEAN, .note = "standard input is empty" },
    { .name = "terminationMessagePath", .type = SHAPE_TEXT, .note = "not read; the last lines of output are shown" },
    { .name = "terminationMessagePolicy", .type = SHAPE_TEXT, .note = "the last lines of output are always shown" },
    { .name = "tty", .type = SHAPE_BOOLEAN, .note = "output goes to a file, never to a terminal" },
    { .name = "volumeDevices", .note = "block devices are not mapped; the trial sees those of this host" },
    { 0 },
};

static const struct shape key_to_path[] = {
    { .name = "key", .type = SHAPE_TEXT, .required = true },
    { .name = "path", .type = SHAPE_TEXT, .required = true },
    { .name = "mode", .type = SHAPE_INTEGER },
    { 0 },
};

static const struct shape config_map_source[] = {
    { .name = "name", .type = SHAPE_TEXT },
    { .name = "optional", .type = SHAPE_BOOLEAN },
    { .name = "defaultMode", .type = SHAPE_INTEGER },
    { .name = "items", .type = SHAPE_MAPS, .shape = key_to_path },
    { 0 },
};

static const struct shape secret_source[] = {
    { .name = "secretName", .type = SHAPE_TEXT },
    { .name = "optional", .type = SHAPE_BOOLEAN },
    { .name = "defaultMode", .type = SHAPE_INTEGER },
    { .name = "items", .type = SHAPE_MAPS, .shape = key_to_path },
    { 0 },
};

static const struct shape downward_file[] = {
    { .name = "path", .type = SHAPE_TEXT, .required = true },
    { .name = "mode", .type = SHAPE_INTEGER },
    { .name = "fieldRef", .type = SHAPE_MAP, .shape = field_ref },
    { .name = "resourceFieldRef", .type = SHAPE_MAP, .shape = resource_field_ref },
    { 0 },
};

static const struct shape downward_source[] = {
    { .name = "defaultMode", .type = SHAPE_INTEGER },
    { .name = "items", .type = SHAPE_MAPS, .shape = downward_file },
    { 0 },
};

static const struct shape projected_part[] = {
    { .name = "configMap", .type = SHAPE_MAP, .shape = config_map_source },
    { .name = "secret", .type = SHAPE_MAP, .shape = config_map_source },
    { .name = "downwardAPI", .type = SHAPE_MAP, .shape = downward_source },
    { .name = "serviceAccountToken", .note = "no token is written; there is no API server" },
    { .name = "clusterTrustBundle", .note = "no certificates are written; there is no API server" },
    { .name = "podCertificate", .note = "no certificates are written; there is no API server" },
    { 0 },
};

static const struct shape projected_source[] = {
    { .name = "defaultMode", .type = SHAPE_INTEGER },
    { .name = "sources", .type = SHAPE_MAPS, .shape = projected_part },
    { 0 },
};

static const struct shape empty_dir[] = {
    { .name = "medium", .type = SHAPE_TEXT, .note = "a directory on disk, in the trial's own" },
    { .name = "sizeLimit", .type = SHAPE_TEXT, .note = "the size of a directory is not limited here" },
    { 0 },
};

static const struct shape host_path[] = {
    { .name = "path", .type = SHAPE_TEXT, .required = true },
    { .name = "type", .type = SHAPE_TEXT },
    { 0 },
};

static const struct shape claim_source[] = {
    { .name = "claimName", .type = SHAPE_TEXT, .required = true },
    { .name = "readOnly", .type = SHAPE_BOOLEAN },
    { 0 },
};

static const struct shape volume[] = {
    { .name = "name", .type = SHAPE_TEXT, .required = true },
    { .name = "emptyDir", .type = SHAPE_MAP, .shape = empty_dir },
    { .name = "hostPath", .type = SHAPE_MAP, .shape = host_path },
    { .name = "configMap", .type = SHAPE_MAP, .shape = config_map_source },
    { .name = "secret", .type = SHAPE_MAP, .shape = secret_source },
    { .name = "persistentVolumeClaim", .type = SHAPE_MAP, .shape = claim_source },
    { .name = "downwardAPI", .type = SHAPE_MAP, .shape = downward_source },
    { .name = "projected", .type = SHAPE_MAP, .shape = projected_source },
    { .name = "awsElasticBlockStore", .note = NOT_MOUNTED },
    { .name = "azureDisk", .note = NOT_MOUNTED },
    { .name = "azureFile", .note = NOT_MOUNTED },
    { .name = "cephfs", .note = NOT_MOUNTED },
    { .name = "cinder", .note = NOT_MOUNTED },
    { .name = "csi", .note = NOT_MOUNTED },
    { .name = "ephemeral", .note = "a private directory of the pod, as emptyDir" },
    { .name = "fc", .note = NOT_MOUNTED },
    { .name = "flexVolume", .note = NOT_MOUNTED },
    { .name = "flocker", .note = NOT_MOUNTED },
    { .name = "gcePersistentDisk", .note = NOT_MOUNTED },
    { .name = "gitRepo", .note = NOT_MOUNTED },
    { .name = "glusterfs", .note = NOT_MOUNTED },
    { .name = "image", .note = NOT_MOUNTED },
    { .name = "iscsi", .note = NOT_MOUNTED },
    { .name = "nfs", .note = NOT_MOUNTED },
    { .name = "photonPersistentDisk", .note = NOT_MOUNTED },
    { .name = "portworxVolume", .note = NOT_MOUNTED },
    { .name = "quobyte", .note = NOT_MOUNTED },
    { .name = "rbd", .note = NOT_MOUNTED },
    { .name = "scaleIO", .note = NOT_MOUNTED },
    { .name = "storageos", .note = NOT_MOUNTED },
    { .name = "vsphereVolume", .note = NOT_MOUNTED },
    { 0 },
};

const struct shape pod_spec_shape[] = {
    { .name = "containers", .type = SHAPE_MAPS, .shape = container_shape, .required = true },
    { .name = "initContainers", .type = SHAPE_MAPS, .shape = container_shape },
    { .name = "volumes", .type = SHAPE_MAPS, .shape = volume },
    { .name = "restartPolicy", .type = SHAPE_TEXT },
    { .name = "terminationGracePeriodSeconds", .type = SHAPE_INTEGER },
    { .name = "activeDeadlineSeconds", .type = SHAPE_COUNT },
    { .name = "serviceAccountName", .type = SHAPE_TEXT, .note = NO_IDENTITY },
    { .name = "serviceAccount", .type = SHAPE_TEXT, .note = NO_IDENTITY },
    { .name = "automountServiceAccountToken", .type = SHAPE_BOOLEAN, .note = NO_IDENTITY },
    { .name = "securityContext", .note = NO_IDENTITY },
    { .name = "resources", .note = "resources of a whole pod are not counted; give them to its containers" },
    { .name = "affinity", .note = NO_CLUSTER },
    { .name = "tolerations", .note = NO_CLUSTER },
    { .name = "nodeSelector", .note = NO_CLUSTER },
    { .name = "nodeName", .type = SHAPE_TEXT, .note = NO_CLUSTER },
    { .name = "topologySpreadConstraints", .note = NO_CLUSTER },
    { .name = "schedulerName", .type = SHAPE_TEXT, .note = NO_CLUSTER },
    { .name = "schedulingGates", .note = NO_CLUSTER },
    { .name = "priority", .note = NO_CLUSTER },
    { .name = "priorityClassName", .type = SHAPE_TEXT, .note = NO_CLUSTER },
    { .name = "preemptionPolicy", .type = SHAPE_TEXT, .note = NO_CLUSTER },
    { .name = "runtimeClassName", .type = SHAPE_TEXT, .note = "containers are processes of this host" },
    { .name = "overhead", .note = "a process has no overhead to count" },
    { .name = "os", .note = "containers are processes of this host" },
    { .name = "hostNetwork", .type = SHAPE_BOOLEAN, .note = "always so: the network is that of this host" },
    { .name = "hostPID", .type = SHAPE_BOOLEAN, .note = "always so: processes of this host are seen" },
    { .name = "hostIPC", .type = SHAPE_BOOLEAN, .note = "always so: IPC is that of this host" },
    { .name = "hostUsers", .type = SHAPE_BOOLEAN, .note = NO_IDENTITY },
    { .name = "hostname", .type = SHAPE_TEXT, .note = "the host keeps its name" },
    { .name = "hostnameOverride", .type = SHAPE_TEXT, .note = "the host keeps its name" },
    { .name = "subdomain", .type = SHAPE_TEXT, .note = "the host keeps its name" },
    { .name = "setHostnameAsFQDN", .type = SHAPE_BOOLEAN, .note = "the host keeps its name" },
    { .name = "hostAliases", .note = "/etc/hosts is that of this host" },
    { .name = "dnsPolicy", .type = SHAPE_TEXT, .note = "names are looked up as this host does" },
    { .name = "dnsConfig", .note = "names are looked up as this host does" },
    { .name = "enableServiceLinks", .type = SHAPE_BOOLEAN, .note = "there are no services to link" },
    { .name = "shareProcessNamespace", .type = SHAPE_BOOLEAN, .note = "always so: processes of this host are seen" },
    { .name = "imagePullSecrets", .note = "no image is pulled; images.yaml says what stands for one" },
    { .name = "readinessGates", .note = NOT_PROBED },
    { .name = "resourceClaims", .note = "device claims need Kubernetes; give nvidia.com/gpu in limits" },
    { .name = "ephemeralContainers", .note = "Kubernetes takes none in a template either; not run" },
    { 0 },
};

const struct shape pod_template_shape[] = {
    { .name = "metadata", .type = SHAPE_MAP, .shape = object_meta_shape },
    { .name = "spec", .type = SHAPE_MAP, .shape = pod_spec_shape, .required = true },
    { 0 },
};
