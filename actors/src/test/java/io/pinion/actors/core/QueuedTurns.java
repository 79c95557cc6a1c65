package io.pinion.actors.core;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A binding on one of three cores that have no threads, for tests that run the cores themselves. */
final class QueuedTurns {
    final Inbox[] inboxes = {new Inbox(0), new Inbox(1), new Inbox(2)};
    final Binding binding = new Binding(inboxes[0], Binding.WEIGHT_DEFAULT);
    private final AtomicInteger runners = new AtomicInteger();

    /** Written by the turns, one at a time if all is well. */
    int ran;

    int overlaps;

    void execute() {
        binding.execute(() -> {
            overlaps += runners.getAndIncrement();
            ran++;
            runners.decrementAndGet();
        });
    }

    void rebind(int core) {
        binding.rebind(inboxes[core]);
    }

    /** Runs what has come to a core, as its worker does, until it has nothing more. */
    void serve(int core) {
        for (Ticket ticket = inboxes[core].takeAll(); ticket != null; ticket = inboxes[core].takeAll()) {
            serveAll(ticket);
        }
    }

    private void serveAll(Ticket first) {
        Ticket ticket = first;
        while (ticket != null) {
            @Nullable Ticket after = ticket.next;
            if (binding.claim(ticket.number())) {
                @Nullable Runnable turn = binding.poll();
                if (turn != null) {
                    turn.run();
                }
                if (binding.release(ticket, 0)) {
                    binding.inbox().push(ticket);
                }
            }
            ticket = after;
        }
    }
}
