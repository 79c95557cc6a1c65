package io.pinion.node.management;

import io.pinion.node.http.HttpRefusal;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for its node what operators ask at any node. There is one on every node, under the same path. */
final class NodeAgent {
    /** Below {@code /system} of every node. */
    static final String NAME = "pinion-management";

    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);

    private final Map<String, Function<Map<String, String>, String>> answers;
    private final Executor threads;

    private NodeAgent(Map<String, Function<Map<String, String>, String>> answers, Executor threads) {
        this.answers = Map.copyOf(answers);
        this.threads = threads;
    }

    /**
     * @param answers by name: from parameters to JSON; may throw an {@link HttpRefusal}, and may block
     * @param threads they run on
     */
    static void start(
            ActorSystem<?> system, Map<String, Function<Map<String, String>, String>> answers, Executor threads) {
        NodeAgent agent = new NodeAgent(answers, threads);
        ActorRef<NodeMessage.Ask> _ = system.systemActorOf(agent.behavior(), NAME, Props.empty());
    }

    private Behavior<NodeMessage.Ask> behavior() {
        return Behaviors.receiveMessage(ask -> {
            threads.execute(() -> ask.replyTo().tell(answer(ask)));
            return Behaviors.same();
        });
    }

    private NodeMessage.Reply answer(NodeMessage.Ask ask) {
        Function<Map<String, String>, String> answer = answers.get(ask.what());
        if (answer == null) {
            return new NodeMessage.Reply(501, "this node runs a Pinion that does not know " + ask.what());
        }
        try {
            return new NodeMessage.Reply(200, answer.apply(ask.parameters()));
        } catch (HttpRefusal refusal) {
            return new NodeMessage.Reply(refusal.response().status().intValue(), ErrorBody.message(refusal.response()));
        } catch (RuntimeException e) {
            LOG.error("{} could not be answered", ask.what(), e);
            return new NodeMessage.Reply(500, e.toString());
        }
    }
}
