/*
 * The shapes of core/v1 that job kinds share.
 */
#ifndef HONE_TRIALRUNNER_POD_SHAPE_H
#define HONE_TRIALRUNNER_POD_SHAPE_H

#include "trialrunner/shape.h"

extern const struct shape object_meta_shape[], pod_template_shape[], pod_spec_shape[], container_shape[], env_shape[],
    resources_shape[];

#endif
