package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Nodes that have not answered: whoever reads an answer about the cluster is told what is not in it. */
final class Missing {
    private Missing() {}

    static void note(Terminal terminal, JsonNode answer) {
        for (JsonNode missing : answer.path("missing")) {
            terminal.note("Without node " + missing.path("node").asText() + ": "
                    + missing.path("reason").asText());
        }
    }
}
