/*
 * Status codes as exit codes.
 */
#include "cli/exit.h"

#include "base/status.h"

enum exit_code exit_of_status(int status)
{
    switch (status) {
    case ERR_INVALID:
        return EXIT_INVALID;
    case ERR_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case ERR_CONFLICT:
        return EXIT_CONFLICT;
    case ERR_UNREACHABLE:
        return EXIT_UNREACHABLE;
    case ERR_DENIED:
        return EXIT_DENIED;
    default:
        return status >= 0 ? EXIT_DONE : EXIT_OTHER;
    }
}
