package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseActor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * The nodes that host databases, and whether this one may be one of them: a node that keeps its journal for itself hosts
 * only as long as it is the only one, as nobody else could go on with its databases. Threadsafe.
 */
final class Hosts {
    private final boolean isJournalShared;
    private final ActorRef<Note> actor;
    private volatile int count = 1;
    private volatile Share share = new Share(0, 1);

    /**
     * This node's part of what all hosts see to together.
     *
     * @param index of this host among {@code count}; negative if it is none
     */
    record Share(int index, int count) {
        boolean has(int number) {
            return number % count == index;
        }
    }

    private sealed interface Note {
        record Changed(MemberEvent event) implements Note {}

        /** A database has started here. */
        record Started(ActorRef<Command> database) implements Note {}

        record Ended(ActorRef<Command> database) implements Note {}
    }

    /** @param role of nodes that host; empty for all */
    Hosts(ActorSystem<?> system, String role, boolean isJournalShared) {
        this.isJournalShared = isJournalShared;
        this.actor = system.systemActorOf(
                Behaviors.setup(context -> new Members(context, role)), "pinion-hosts", Props.empty());
    }

    /** Whether there are several. */
    boolean areSeveral() {
        return count > 1;
    }

    Share share() {
        return share;
    }

    /** Why this node hosts nothing, if so. */
    Optional<String> refusal() {
        return isJournalShared || !areSeveral()
                ? Optional.empty()
                : Optional.of("this node keeps its journal for itself, and its cluster has " + count
                        + " nodes that host databases: none of the others could go on with them. Give all nodes a"
                        + " journal that they share (--journal postgresql), or run this node by itself");
    }

    /** A database here, or what stands in for it while it may not be here. */
    Behavior<Command> host(Supplier<Behavior<Command>> database) {
        return Behaviors.setup(context -> {
            actor.tell(new Note.Started(context.getSelf()));
            Optional<String> refused = refusal();
            return refused.isPresent()
                    ? DatabaseActor.refusing(new Database.Unavailable(refused.get()))
                    : database.get();
        });
    }

    private final class Members extends AbstractMatchingBehavior<Note> {
        private final String role;
        private final Address self;
        private final Set<Address> hosts = new HashSet<>();
        private final Set<ActorRef<Command>> databases = new HashSet<>();

        Members(ActorContext<Note> context, String role) {
            super(context);
            this.role = role;
            Cluster cluster = Cluster.get(context.getSystem());
            this.self = cluster.selfMember().address();
            cluster.subscriptions()
                    .tell(Subscribe.create(
                            context.messageAdapter(MemberEvent.class, Note.Changed::new), MemberEvent.class));
            cluster.state().getMembers().forEach(this::add);
            count();
        }

        private void add(Member member) {
            if (role.isEmpty() || member.hasRole(role)) {
                hosts.add(member.address());
            }
        }

        @Override
        public Behavior<Note> onMessage(Note note) {
            switch (note) {
                case Note.Changed(MemberEvent event) -> {
                    if (event instanceof MemberRemoved removed) {
                        hosts.remove(removed.member().address());
                    } else {
                        add(event.member());
                    }
                    count();
                }
                case Note.Started(ActorRef<Command> database) -> {
                    databases.add(database);
                    getContext().watchWith(database, new Note.Ended(database));
                }
                case Note.Ended(ActorRef<Command> database) -> databases.remove(database);
            }
            return this;
        }

        /** Databases that were started under the other rule stop; who asks for them gets what the rule says now. */
        private void count() {
            Optional<String> before = refusal();
            count = Math.max(1, hosts.size());
            List<Address> inOrder =
                    hosts.stream().sorted(Address.addressOrdering()).toList();
            share = new Share(inOrder.indexOf(self), count);
            Optional<String> after = refusal();
            if (before.isPresent() == after.isPresent()) {
                return;
            }
            after.ifPresentOrElse(
                    reason -> getContext().getLog().error("no databases are hosted: {}", reason),
                    () -> getContext().getLog().info("databases are hosted again"));
            databases.forEach(database -> database.tell(Command.Stop.INSTANCE));
        }
    }
}
