/*
 * Settings of differentiable search. Katib's: pkg/suggestion/v1beta1/nas/darts/service.py.
 */
#include "nas/darts_settings.h"

#include <math.h>

const struct setting darts_settings[N_DARTS_SETTINGS + 1] = {
    [DARTS_EPOCHS] = { "num_epochs", INTEGER(50, 1, INFINITY), "epochs of the search" },
    [DARTS_WEIGHT_RATE] = { "w_lr", NUMBER(0.025, 0, INFINITY), "learning rate of the weights" },
    [DARTS_WEIGHT_RATE_MIN] = { "w_lr_min", NUMBER(0.001, 0, INFINITY), "where its cosine schedule ends" },
    [DARTS_MOMENTUM] = { "w_momentum", NUMBER(0.9, 0, INFINITY), "momentum of the weights" },
    [DARTS_WEIGHT_DECAY] = { "w_weight_decay", NUMBER(3e-4, 0, INFINITY), "weight decay of the weights" },
    [DARTS_CLIP] = { "w_grad_clip", NUMBER(5, 0, INFINITY), "largest norm of their gradient" },
    [DARTS_ALPHA_RATE] = { "alpha_lr", NUMBER(3e-4, 0, INFINITY), "learning rate of the architecture" },
    [DARTS_ALPHA_DECAY] = { "alpha_weight_decay", NUMBER(1e-3, 0, INFINITY), "weight decay of the architecture" },
    [DARTS_BATCH] = { "batch_size", NULLABLE_INTEGER(128, 1, INFINITY), "images a step" },
    [DARTS_WORKERS] = { "num_workers", INTEGER(4, 0, INFINITY), "loader threads" },
    [DARTS_CHANNELS] = { "init_channels", INTEGER(16, 1, INFINITY), "channels of the first cell" },
    [DARTS_PRINT_STEP] = { "print_step", INTEGER(50, 1, INFINITY), "steps between two lines of output" },
    [DARTS_NODES] = { "num_nodes", INTEGER(4, 1, INFINITY), "intermediate nodes of a cell" },
    [DARTS_STEM] = { "stem_multiplier", INTEGER(3, 1, INFINITY), "channels of the stem, in init_channels" },
};

const struct setting darts_extras[N_DARTS_EXTRAS + 1] = {
    [DARTS_VARIANT] = { "variant", CHOICE("pc-darts|darts|gdas|drnas"), "how edges mix their operations" },
    [DARTS_PARTIAL] = { "partial_channels", NULLABLE_INTEGER(NAN, 1, 64),
                        "1 / this of the channels go through the operations; by the variant if not given" },
    [DARTS_ORDER] = { "order", CHOICE("first|second"), "of the architecture's gradient" },
    [DARTS_WARMUP] = { "warmup_epochs", NULLABLE_INTEGER(NAN, 0, INFINITY),
                       "first epochs that train weights alone; 3 in 10 if not given" },
    [DARTS_BETA_DECAY] = { "beta_decay", NUMBER(25, 0, INFINITY),
                           "beta-DARTS' regulariser: its weight in the last epoch" },
    [DARTS_PADDING] = { "padding", INTEGER(4, 0, 64), "pixels by which random crops move; 0: no crop, no mirror" },
    [DARTS_RANKING] = { "ranking", CHOICE("softmax|alpha"), "what the genotype's edges are ranked by; Katib: alpha" },
};
