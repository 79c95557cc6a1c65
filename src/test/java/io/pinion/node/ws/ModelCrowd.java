package io.pinion.node.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Clients of the database of {@code model.js} that do something at random, and compare what they have with what there is. */
final class ModelCrowd implements AutoCloseable {
    private static final int SETS_MAX = 6;

    private final Random random;
    private final ModelQueries queries;
    private final long seed;
    private final List<ModelClient> clients = new ArrayList<>();
    private int bells;

    ModelCrowd(long seed) {
        this(seed, true);
    }

    /** @param withViews whether views are asked for, too */
    ModelCrowd(long seed, boolean withViews) {
        this.seed = seed;
        this.random = new Random(seed);
        this.queries = new ModelQueries(random, withViews);
    }

    /** One more; whose protocol has events hears of bells from now on. */
    void add(ModelClient client) throws Exception {
        clients.add(client);
        if (!client.isV1()) {
            client.subscribe(1_000, List.of("SELECT * FROM bells"));
        }
        client.awaitAnswers();
    }

    /** Everybody does something, and nobody waits for anybody. */
    void act() throws Exception {
        for (int step = 0; step < 60; step++) {
            ModelClient client = clients.get(random.nextInt(clients.size()));
            List<Integer> sets =
                    client.liveSets().stream().filter(set -> set < 1_000).toList();
            int choice = random.nextInt(10);
            if (choice < 6) {
                client.change(numbers());
            } else if (choice < 8 && sets.size() < SETS_MAX) {
                client.subscribe(client.nextSet(), someQueries());
            } else if (choice == 8 && !sets.isEmpty()) {
                client.unsubscribe(sets.get(random.nextInt(sets.size())));
            } else {
                List<String> live = client.queries();
                client.ask(live.isEmpty() ? queries.next() : live.get(random.nextInt(live.size())));
            }
            client.takeAll();
        }
    }

    private List<String> someQueries() {
        Set<String> some = new HashSet<>();
        for (int count = 1 + random.nextInt(2); count > 0; count--) {
            some.add(queries.next());
        }
        return List.copyOf(some);
    }

    private List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int count = 1 + random.nextInt(5); count > 0; count--) {
            int value = random.nextInt(ModelQueries.VALUES);
            int room = random.nextInt(ModelQueries.ROOMS);
            switch (random.nextInt(8)) {
                case 0, 1 -> numbers.addAll(List.of(0, random.nextInt(40), room, value));
                case 2 -> numbers.addAll(List.of(1, random.nextInt(40), 0, 0));
                case 3 -> numbers.addAll(List.of(2, room, value, 0));
                case 4 -> numbers.addAll(List.of(3, room, 0, 0));
                case 5 -> numbers.addAll(List.of(4 + random.nextInt(2), 1_000 + random.nextInt(200), value, room));
                case 6 -> numbers.addAll(List.of(6, random.nextInt(20), value, 0));
                default -> numbers.addAll(List.of(7, 0, room, bells++));
            }
        }
        return numbers;
    }

    /** When everything is answered, everybody asks for what it has. */
    void settle(boolean dropsAll) throws Exception {
        for (ModelClient client : clients) {
            client.awaitAnswers();
        }
        for (ModelClient client : clients) {
            client.ask("SELECT * FROM rooms"); // also who has no set hears of every commit before its answer
            client.queries().stream()
                    .filter(query -> !ModelQueries.returned(query).equals("bells"))
                    .forEach(client::ask);
            client.awaitAnswers();
        }
        for (ModelClient client : clients) {
            if (!client.isV1()) {
                assertEquals(bells, client.events(), () -> "seed " + seed + ": events of " + client);
            }
        }
        if (dropsAll) {
            for (ModelClient client : clients) {
                client.liveSets().stream().filter(set -> set < 1_000).forEach(client::unsubscribe);
                client.awaitAnswers();
                client.requireNothingLeft();
            }
        }
    }

    /** A model that never gets to the interesting cases proves nothing. */
    void requireEverythingHappened() {
        for (ModelClient client : clients) {
            assertTrue(client.checks() > 3, () -> "seed " + seed + ": checks of " + client + ": " + client.checks());
            assertTrue(
                    client.updates() > 10, () -> "seed " + seed + ": updates of " + client + ": " + client.updates());
        }
        assertTrue(bells > 20, () -> "bells: " + bells);
    }

    @Override
    public void close() {
        clients.forEach(ModelClient::close);
    }
}
