/*
 * Lines of work on a pool: order, turns, and ends in the middle.
 */
#include "service/pool.h"

#include <pthread.h>

#include "base/memory.h"
#include "tests/test.h"

/* What one test's jobs share. */
struct scene {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_open; /* the gate that the first job waits at */
    int n_waiting, n_done, n_dropped, n_buried;
    char order[64];
};

struct note_job {
    struct job job;
    struct scene *scene;
    char letter;
    bool waits;
};

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
}

static void wait_for(struct scene *scene, const int *counter, int n)
{
    pthread_mutex_lock(&scene->lock);
    while (*counter < n)
        pthread_cond_wait(&scene->changed, &scene->lock);
    pthread_mutex_unlock(&scene->lock);
}

static void open_gate(struct scene *scene)
{
    pthread_mutex_lock(&scene->lock);
    scene->is_open = true;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
}

static void run(void *owner, struct job *job)
{
    struct note_job *note = (struct note_job *)job;
    struct scene *scene = note->scene;

    assert_true(owner == NULL || owner == scene);
    pthread_mutex_lock(&scene->lock);
    scene->n_waiting++;
    pthread_cond_broadcast(&scene->changed);
    while (note->waits && !scene->is_open)
        pthread_cond_wait(&scene->changed, &scene->lock);
    scene->order[scene->n_done++] = note->letter;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
    free(note);
}

static void drop(struct job *job)
{
    struct note_job *note = (struct note_job *)job;

    pthread_mutex_lock(&note->scene->lock);
    note->scene->n_dropped++;
    pthread_mutex_unlock(&note->scene->lock);
    free(note);
}

static void bury(void *owner)
{
    struct scene *scene = owner;

    pthread_mutex_lock(&scene->lock);
    scene->n_buried++;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
}

static struct job *note(struct scene *scene, char letter, bool waits)
{
    struct note_job *job = xcalloc(1, sizeof *job);

    *job = (struct note_job){ { .run = run, .drop = drop }, scene, letter, waits };
    return &job->job;
}

static void lines__while_all_have_work__take_turns(void **state)
{
    struct scene scene;
    struct pool *pool = pool_create(1);
    struct line *a, *b;

    (void)state;
    scene_init(&scene);
    a = line_create(pool, &scene, bury);
    b = line_create(pool, &scene, bury);
    line_add(a, note(&scene, 'a', true));
    wait_for(&scene, &scene.n_waiting, 1);
    for (int i = 0; i < 3; i++)
        line_add(a, note(&scene, 'a', false));
    for (int i = 0; i < 2; i++)
        line_add(b, note(&scene, 'b', false));
    pool_run(pool, note(&scene, '1', false));
    open_gate(&scene);
    wait_for(&scene, &scene.n_done, 7);
    assert_string_equal(scene.order, "ab1abaa");
    line_destroy(a);
    line_destroy(b);
    pool_destroy(pool);
    assert_int_equal(scene.n_buried, 2);
}

static void line_destroy__while_a_thread_works_on_it__buries_the_owner_afterwards(void **state)
{
    struct scene scene;
    struct pool *pool = pool_create(2);
    struct line *line;

    (void)state;
    scene_init(&scene);
    line = line_create(pool, &scene, bury);
    line_add(line, note(&scene, 'a', true));
    wait_for(&scene, &scene.n_waiting, 1);
    line_add(line, note(&scene, 'a', false));
    line_destroy(line);
    assert_int_equal(scene.n_dropped, 1);
    assert_int_equal(scene.n_buried, 0);
    open_gate(&scene);
    wait_for(&scene, &scene.n_buried, 1);
    assert_string_equal(scene.order, "a");
    pool_destroy(pool);
}

static void *open_later(void *scene)
{
    open_gate(scene);
    return NULL;
}

static void pool_destroy__jobs_that_wait__are_dropped(void **state)
{
    struct scene scene;
    struct pool *pool = pool_create(1);
    pthread_t opener;

    (void)state;
    scene_init(&scene);
    pool_run(pool, note(&scene, 'a', true));
    wait_for(&scene, &scene.n_waiting, 1);
    pool_run(pool, note(&scene, 'b', true));
    assert_int_equal(pthread_create(&opener, NULL, open_later, &scene), 0);
    pool_destroy(pool);
    pthread_join(opener, NULL);
    assert_int_equal(scene.n_done + scene.n_dropped, 2);
    assert_true(scene.n_done >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__while_all_have_work__take_turns),
        cmocka_unit_test(line_destroy__while_a_thread_works_on_it__buries_the_owner_afterwards),
        cmocka_unit_test(pool_destroy__jobs_that_wait__are_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
