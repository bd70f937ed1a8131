/*
 * Letters to the loop: other threads post, the loop's thread opens.
 */
#ifndef HONE_SERVICE_MAILBOX_H
#define HONE_SERVICE_MAILBOX_H

struct mailbox;
struct service;

/* First member of every letter. open() runs on the loop's thread and frees the letter; service is NULL when the loop has
   ended and the letter is only to be freed. */
struct letter {
    struct letter *next;
    void (*open)(struct service *service, struct letter *letter);
};

struct mailbox *mailbox_create(void);
void mailbox_destroy(struct mailbox *mailbox);                       /* opens what is left with NULL */
void mailbox_post(struct mailbox *mailbox, struct letter *letter);   /* from any thread */
int mailbox_descriptor(const struct mailbox *mailbox);               /* readable when there are letters */
void mailbox_open(struct mailbox *mailbox, struct service *service); /* all of them, oldest first */

#endif
