/*
 * base/memory: arenas and growing arrays.
 */
#include "tests/test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

static void arena_alloc__many_sizes__are_zeroed_aligned_and_apart(void **state)
{
    enum { N = 3000 };
    struct arena arena = { 0 };
    unsigned char *blocks[N];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        size_t size = i * i % 5003;

        blocks[i] = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i & 0xFF), size);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < i * i % 5003; k++)
            assert_int_equal(blocks[i][k], i & 0xFF);
    }
    arena_release(&arena);
    assert_null(arena.head);
}

static void arena_alloc__large_block__keeps_the_room_of_the_current_one(void **state)
{
    struct arena arena = { 0 };
    char *first = arena_alloc(&arena, 16);
    char *large = arena_alloc(&arena, 10 << 20);
    char *second = arena_alloc(&arena, 16);

    (void)state;
    large[(10 << 20) - 1] = 1;
    assert_ptr_equal(second, first + 16);
    arena_release(&arena);
}

static void arena_texts__copies__end_in_nul(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(arena_strdup(&arena, "one"), "one");
    assert_string_equal(arena_strndup(&arena, "twofold", 3), "two");
    assert_string_equal(arena_printf(&arena, "%s[%d]", "items", 7), "items[7]");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    arena_release(&arena);
}

static void grow__many_members__keeps_all_and_doubles(void **state)
{
    size_t capacity = 0, n_moves = 0;
    int *items = NULL;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        size_t before = capacity;

        items = grow(items, (size_t)i, &capacity, sizeof *items);
        items[i] = i;
        n_moves += capacity != before;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(n_moves, 1, 12);
    free(items);
}

/* How a child ends that does this. */
static int ending_of(void (*action)(void))
{
    int ending;
    pid_t child = fork();

    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        fclose(stderr);
        signal(SIGABRT, SIG_DFL);
        action();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &ending, 0), child);
    return WIFSIGNALED(ending) ? WTERMSIG(ending) : 0;
}

static void overflow_xcalloc(void)
{
    free(xcalloc(SIZE_MAX / 2, 3));
}

static void overflow_arena_array(void)
{
    struct arena arena = { 0 };

    arena_array(&arena, SIZE_MAX / 2, 3);
    arena_release(&arena);
}

static void allocation__overflow_of_the_product__aborts(void **state)
{
    (void)state;
    assert_int_equal(ending_of(overflow_xcalloc), SIGABRT);
    assert_int_equal(ending_of(overflow_arena_array), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_alloc__many_sizes__are_zeroed_aligned_and_apart),
        cmocka_unit_test(arena_alloc__large_block__keeps_the_room_of_the_current_one),
        cmocka_unit_test(arena_texts__copies__end_in_nul),
        cmocka_unit_test(grow__many_members__keeps_all_and_doubles),
        cmocka_unit_test(allocation__overflow_of_the_product__aborts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
