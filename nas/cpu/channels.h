/*
 * Loops over a pixel's channels as vectors: functions for several processors, in which the channel counts of usual networks are constants.
 */
#ifndef HONE_NAS_CPU_CHANNELS_H
#define HONE_NAS_CPU_CHANNELS_H

#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=haswell", "default")))
#define INLINE static inline __attribute__((always_inline))

/* call(channels) with a constant where channels is a usual number. */
#define WITH_CHANNELS(channels, call) \
    switch (channels) {               \
    case 4:                           \
        call(4);                      \
        break;                        \
    case 8:                           \
        call(8);                      \
        break;                        \
    case 16:                          \
        call(16);                     \
        break;                        \
    case 32:                          \
        call(32);                     \
        break;                        \
    case 64:                          \
        call(64);                     \
        break;                        \
    default:                          \
        call(channels);               \
    }

#endif
