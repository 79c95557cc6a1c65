package io.pinion.actors.core;

import org.jspecify.annotations.Nullable;

/** Tickets in a row, linked through themselves. One thread at a time. */
final class TicketList {
    private @Nullable Ticket first;
    private @Nullable Ticket last;
    private int size;

    int size() {
        return size;
    }

    @Nullable
    Ticket first() {
        return first;
    }

    void addLast(Ticket ticket) {
        ticket.next = null;
        if (last == null) {
            first = ticket;
        } else {
            last.next = ticket;
        }
        last = ticket;
        size++;
    }

    void addFirst(Ticket ticket) {
        ticket.next = first;
        first = ticket;
        if (last == null) {
            last = ticket;
        }
        size++;
    }

    @Nullable
    Ticket removeFirst() {
        Ticket ticket = first;
        if (ticket == null) {
            return null;
        }
        first = ticket.next;
        if (first == null) {
            last = null;
        }
        ticket.next = null;
        size--;
        return ticket;
    }
}
