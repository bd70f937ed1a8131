/*
 * A list under a lock, and an eventfd that says it is not empty.
 */
#include "service/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

struct mailbox {
    pthread_mutex_t lock;
    struct letter *first, **last;
    int descriptor;
};

struct mailbox *mailbox_create(void)
{
    struct mailbox *mailbox = xcalloc(1, sizeof *mailbox);

    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->last = &mailbox->first;
    mailbox->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->descriptor < 0)
        abort();
    return mailbox;
}

void mailbox_destroy(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    mailbox_open(mailbox, NULL);
    close(mailbox->descriptor);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

void mailbox_post(struct mailbox *mailbox, struct letter *letter)
{
    uint64_t one = 1;

    letter->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->last = letter;
    mailbox->last = &letter->next;
    pthread_mutex_unlock(&mailbox->lock);
    if (write(mailbox->descriptor, &one, sizeof one) < 0 && errno != EAGAIN)
        abort();
}

int mailbox_descriptor(const struct mailbox *mailbox)
{
    return mailbox->descriptor;
}

void mailbox_open(struct mailbox *mailbox, struct service *service)
{
    uint64_t count;
    struct letter *letter;
    ssize_t n = read(mailbox->descriptor, &count, sizeof count);

    (void)n; /* empty is no error */
    pthread_mutex_lock(&mailbox->lock);
    letter = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    while (letter != NULL) {
        struct letter *next = letter->next;

        letter->open(service, letter);
        letter = next;
    }
}
