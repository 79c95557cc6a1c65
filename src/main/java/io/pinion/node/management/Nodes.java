package io.pinion.node.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.http.HttpRefusal;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * The nodes of the cluster, asked all at once or one of them. A node that does not answer within the deadline is named; the
 * others' answers count. Blocks, so for virtual threads only. Threadsafe.
 */
final class Nodes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<Status> ASKED = EnumSet.of(Status.UP, Status.WEAKLY_UP, Status.LEAVING);

    private final ActorSystem<?> system;
    private final Cluster cluster;
    private final Duration timeout;

    Nodes(ActorSystem<?> system, Duration timeout) {
        this.system = system;
        this.cluster = Cluster.get(system);
        this.timeout = timeout;
    }

    private enum Status {
        UP,
        WEAKLY_UP,
        LEAVING,
        OTHER;

        static Status of(Member member) {
            MemberStatus status = member.status();
            if (status.equals(MemberStatus.up())) {
                return UP;
            }
            if (status.equals(MemberStatus.weaklyUp())) {
                return WEAKLY_UP;
            }
            return status.equals(MemberStatus.leaving()) ? LEAVING : OTHER;
        }
    }

    /** @param node host and port of its cluster address */
    record Answer(String node, NodeMessage.Reply reply) {
        ObjectNode json() {
            return (ObjectNode) parse(reply.body());
        }
    }

    /** What other nodes or databases of ours have written as JSON. */
    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + json, e);
        }
    }

    /**
     * @param answers in the order of addresses
     * @param silent nodes that did not answer
     */
    record Gathered(List<Answer> answers, List<String> silent) {
        List<Answer> successes() {
            return answers.stream().filter(answer -> answer.reply().isSuccess()).toList();
        }
    }

    /** Host and port of this node's cluster address, as other nodes name it. */
    String self() {
        return name(cluster.selfMember().address());
    }

    /** Every node that is there or was lately. */
    List<Member> members() {
        return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                .filter(member -> ASKED.contains(Status.of(member)))
                .toList();
    }

    /** Those that others cannot reach. */
    Set<Member> unreachable() {
        return cluster.state().getUnreachable();
    }

    Gathered askAll(String what, Map<String, String> parameters) {
        List<Member> members = members();
        List<CompletableFuture<Optional<NodeMessage.Reply>>> asked = members.stream()
                .map(member -> askLater(member.address(), what, parameters))
                .toList();
        List<Answer> answers = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            String node = name(members.get(i).address());
            asked.get(i).join().ifPresentOrElse(reply -> answers.add(new Answer(node, reply)), () -> silent.add(node));
        }
        return new Gathered(answers, silent);
    }

    /** What the node says that has a database in its memory, if one says so; while it moves, the one where it serves. */
    Optional<Answer> find(Identity database) {
        List<Answer> found =
                askAll(LocalNode.DATABASE, Map.of("database", database.toHex())).successes();
        return found.stream()
                .filter(answer -> answer.json().path("state").asText().equals("serving"))
                .findFirst()
                .or(() -> found.stream().findFirst());
    }

    /** @throws HttpRefusal if there is no such node, or it does not answer, or refuses */
    Answer ask(String node, String what, Map<String, String> parameters) {
        NodeMessage.Reply reply = askLater(member(node).address(), what, parameters)
                .join()
                .orElseThrow(() ->
                        HttpRefusal.of(504, "node " + node + " did not answer within " + timeout.toMillis() + " ms"));
        if (!reply.isSuccess()) {
            throw HttpRefusal.of(reply.status(), reply.body());
        }
        return new Answer(node, reply);
    }

    /** @throws HttpRefusal if there is none at that host and port */
    Member member(String node) {
        return members().stream()
                .filter(member -> isCalled(member.address(), node))
                .findFirst()
                .orElseThrow(() -> HttpRefusal.of(
                        404,
                        "there is no node " + node + "; there are "
                                + members().stream()
                                        .map(member -> name(member.address()))
                                        .toList()));
    }

    /** As Pekko spells it, in part or in full, or as it is shown. */
    private static boolean isCalled(Address address, String text) {
        return text.equals(name(address)) || text.equals(address.hostPort()) || text.equals(address.toString());
    }

    /** Host and port, as nodes are shown. */
    static String name(Address address) {
        return address.getHost().orElse("") + ":" + address.getPort().orElse(0);
    }

    private CompletableFuture<Optional<NodeMessage.Reply>> askLater(
            Address address, String what, Map<String, String> parameters) {
        ActorRef<NodeMessage.Ask> agent =
                ActorRefResolver.get(system).resolveActorRef(address + "/system/" + NodeAgent.NAME);
        return AskPattern.<NodeMessage.Ask, NodeMessage.Reply>ask(
                        agent, replyTo -> new NodeMessage.Ask(what, parameters, replyTo), timeout, system.scheduler())
                .toCompletableFuture()
                .handle((reply, _) -> Optional.ofNullable(reply));
    }
}
