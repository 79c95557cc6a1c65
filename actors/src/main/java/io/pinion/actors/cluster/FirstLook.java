package io.pinion.actors.cluster;

import io.pinion.actors.database.Database;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.LocateOutcome;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node has to recover when it has started: databases that have something due, which are brought into memory, as far
 * as they are on this node, and those of which somebody has asked for something already. A database is past it when it
 * answers, if only that it cannot be recovered.
 *
 * <pre>
 *   looking ── the directory has said what is due, and the cluster where that is ──► waiting ── all have answered ──► over
 *                                                                                       └────── patience ────────────►
 * </pre>
 *
 * Threadsafe.
 */
final class FirstLook {
    private static final Logger LOG = LoggerFactory.getLogger(FirstLook.class);

    /** To say where a database is takes no database, only its bucket. */
    private static final Duration LOCATE_TIMEOUT = Duration.ofSeconds(20);

    private final DirectoryClient directory;
    private final Hosts hosts;
    private final Function<Identity, EntityRef<Command>> entities;
    private final Supplier<Collection<Identity>> recovering;
    private final Duration patience;
    private final AtomicInteger left = new AtomicInteger();
    private volatile boolean isWaiting;
    private volatile boolean isOver;

    private FirstLook(
            DirectoryClient directory,
            Hosts hosts,
            Function<Identity, EntityRef<Command>> entities,
            Supplier<Collection<Identity>> recovering,
            Duration patience) {
        this.directory = directory;
        this.hosts = hosts;
        this.entities = entities;
        this.recovering = recovering;
        this.patience = patience;
    }

    /**
     * Begins it.
     *
     * @param recovering databases of this node whose logs are being read
     * @param patience after which it is over whatever databases say
     */
    static FirstLook begin(
            DirectoryClient directory,
            Hosts hosts,
            Function<Identity, EntityRef<Command>> entities,
            Supplier<Collection<Identity>> recovering,
            Duration patience) {
        FirstLook look = new FirstLook(directory, hosts, entities, recovering, patience);
        look.look();
        return look;
    }

    /** What the node still waits for; empty when that is over, for good. */
    Optional<String> waitsFor() {
        if (isOver) {
            return Optional.empty();
        }
        return Optional.of(
                isWaiting
                        ? "databases that are being recovered: " + left.get()
                        : "it is being looked which databases have something due");
    }

    private void look() {
        if (hosts.refusal().isPresent()) {
            isOver = true;
            return;
        }
        Hosts.Share share = hosts.share();
        List<CompletableFuture<Set<Identity>>> looks = new ArrayList<>();
        for (int partition = 0; partition < DirectoryClient.PARTITIONS; partition++) {
            if (share.has(partition)) {
                looks.add(dueHere(partition));
            }
        }
        var _ = whenAll(looks).thenAccept(found -> {
            Set<Identity> all = new HashSet<>(recovering.get());
            found.forEach(all::addAll);
            waitFor(all);
        });
    }

    /** Of one partition. What it does not say the waker hears later. */
    private CompletableFuture<Set<Identity>> dueHere(int partition) {
        return directory
                .due(partition)
                .thenCompose(due -> whenAll(due.stream().map(this::ifHere).toList()))
                .thenApply(found -> {
                    Set<Identity> here = new HashSet<>();
                    found.forEach(database -> database.ifPresent(here::add));
                    return here;
                })
                .exceptionally(failure -> {
                    LOG.warn(
                            "partition {} of the directory did not say what is due: {}", partition, failure.toString());
                    return Set.of();
                })
                .toCompletableFuture();
    }

    private CompletableFuture<Optional<Identity>> ifHere(Identity database) {
        CompletionStage<LocateOutcome> answer = entities.apply(database).ask(Command.Locate::new, LOCATE_TIMEOUT);
        return answer.handle((outcome, _) -> outcome instanceof Database.Located(var actor)
                                && actor.path().address().hasLocalScope()
                        ? Optional.of(database)
                        : Optional.<Identity>empty())
                .toCompletableFuture();
    }

    private void waitFor(Set<Identity> databases) {
        left.set(databases.size());
        isWaiting = true;
        var _ = whenAll(databases.stream().map(this::recovered).toList()).thenAccept(_ -> isOver = true);
    }

    /** Whatever it answers, it does not recover any more; or it was not heard of for long enough. */
    private CompletableFuture<Integer> recovered(Identity database) {
        CompletionStage<DescribeOutcome> answer = entities.apply(database).ask(Command.Describe::new, patience);
        return answer.handle((_, failure) -> {
                    if (failure != null) {
                        LOG.warn("database {} has not recovered within {}", database, patience);
                    }
                    return left.decrementAndGet();
                })
                .toCompletableFuture();
    }

    private static <T> CompletableFuture<List<T>> whenAll(List<CompletableFuture<T>> stages) {
        return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
                .thenApply(_ -> stages.stream().map(CompletableFuture::join).toList());
    }
}
