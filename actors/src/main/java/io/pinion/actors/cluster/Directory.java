package io.pinion.actors.cluster;

import io.pinion.store.value.Identity;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a partition of the directory is told and answers. A name belongs to the partition of its hash, a database to that
 * of its identity's; a partition holds both kinds of entries.
 *
 * <p>A name is bound in two steps around the publish that creates its database: reserved before, confirmed after, released
 * if the publish failed. A reservation whose node died in between is settled by whoever meets it next.
 */
final class Directory {
    private Directory() {}

    sealed interface Message {}

    sealed interface Command extends Message {
        record FindName(String name, ActorRef<NameAnswer> replyTo) implements Command {}

        /**
         * Sets a free name aside, or takes over a reservation that nobody has settled in time.
         *
         * @param nowMillis since the Unix epoch
         */
        record ReserveName(String name, Identity database, Identity owner, long nowMillis, ActorRef<NameAnswer> replyTo)
                implements Command {}

        /** Binds a name that is reserved for this database; without effect if it is bound to it. */
        record ConfirmName(String name, Identity database, ActorRef<NameAnswer> replyTo) implements Command {}

        /** Frees a name that is reserved for this database. */
        record ReleaseName(String name, Identity database, ActorRef<NameAnswer> replyTo) implements Command {}

        /** Notes that a database exists, whose it is, and one more name of it ("" for none). */
        record RegisterDatabase(Identity database, Identity owner, String name, ActorRef<Done> replyTo)
                implements Command {}

        /** Notes that a database has ended; its names stay. */
        record UnregisterDatabase(Identity database, ActorRef<Done> replyTo) implements Command {}

        /** Frees a name that is bound to this database. */
        record UnbindName(String name, Identity database, ActorRef<NameAnswer> replyTo) implements Command {}

        /** Notes that a database has these names and no other. */
        record SetNames(Identity database, List<String> names, ActorRef<Done> replyTo) implements Command {
            public SetNames {
                names = List.copyOf(names);
            }
        }

        /** Notes whether a database may be deleted or cleared. */
        record LockDatabase(Identity database, boolean locked, ActorRef<Lock> replyTo) implements Command {}

        record FindLock(Identity database, ActorRef<Lock> replyTo) implements Command {}

        /**
         * Says when a database is to be brought into memory; from then on, until something else is said.
         *
         * @param atMicros since the Unix epoch; {@link Long#MAX_VALUE} for never
         * @param nowMicros by the clock of who says it
         */
        record SetWake(Identity database, long atMicros, long nowMicros, ActorRef<Done> replyTo) implements Command {}

        /** The databases of this partition that are to be in memory at that time. */
        record ListDue(long nowMicros, ActorRef<Owned> replyTo) implements Command {}

        record ListNames(Identity database, ActorRef<Names> replyTo) implements Command {}

        /** The databases of this partition that belong to the owner. */
        record ListOwned(Identity owner, ActorRef<Owned> replyTo) implements Command {}
    }

    /** What holds for a name after the command. */
    sealed interface NameAnswer extends Message {}

    record NameFree() implements NameAnswer {}

    record NameReserved(Identity database, Identity owner, long sinceMillis) implements NameAnswer {}

    record NameBound(Identity database, Identity owner) implements NameAnswer {}

    record Done() implements Message {}

    record Lock(boolean locked) implements Message {}

    record Names(List<String> names) implements Message {
        Names {
            names = List.copyOf(names);
        }
    }

    record Owned(List<Identity> databases) implements Message {
        Owned {
            databases = List.copyOf(databases);
        }
    }

    sealed interface Event extends Message {}

    record NameWasReserved(String name, Identity database, Identity owner, long atMillis) implements Event {}

    record NameWasConfirmed(String name) implements Event {}

    record NameWasReleased(String name) implements Event {}

    record DatabaseWasRegistered(Identity database, Identity owner, String name) implements Event {}

    record DatabaseWasUnregistered(Identity database) implements Event {}

    record DatabaseWasRenamed(Identity database, List<String> names) implements Event {
        DatabaseWasRenamed {
            names = List.copyOf(names);
        }
    }

    record DatabaseWasLocked(Identity database, boolean locked) implements Event {}

    record WakeWasSet(Identity database, long atMicros) implements Event {}

    /** All that a partition knew, whatever was written before. */
    record PartitionWas(List<KnownName> names, List<KnownDatabase> databases, List<WakeWasSet> wakes) implements Event {
        PartitionWas {
            names = List.copyOf(names);
            databases = List.copyOf(databases);
            wakes = List.copyOf(wakes);
        }
    }

    record KnownName(String name, Identity database, Identity owner, long reservedAtMillis, boolean confirmed) {}

    record KnownDatabase(Identity database, Identity owner, boolean exists, boolean locked, List<String> names) {
        KnownDatabase {
            names = List.copyOf(names);
        }
    }
}
