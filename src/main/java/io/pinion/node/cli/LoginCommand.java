package io.pinion.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.net.URI;
import java.util.Base64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "login",
        mixinStandardHelpOptions = true,
        description = "Shows who you are at a node; makes an identity at the first time.")
final class LoginCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Option(names = "--new", description = "Get a new identity. Databases of the old one stay with it.")
    private boolean isNew;

    @Option(names = "--token", paramLabel = "TOKEN", description = "Be who this token stands for.")
    private String token = "";

    @Option(names = "--show-token", description = "Print the token as well. It is a secret.")
    private boolean showToken;

    LoginCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        URI uri = server.uri(terminal);
        Logins logins = new Logins(terminal.configDirectory());
        if (!token.isEmpty()) {
            keepToken(uri, logins);
        } else if (isNew) {
            ServerOption.logIn(terminal, uri);
        }
        Logins.Login login = logins.find(uri).orElseGet(() -> ServerOption.logIn(terminal, uri));
        NodeClient client = NodeClient.anonymous(uri).as(login.token());
        client.require(client.get("/v1/ping"));
        terminal.print(login.identity());
        if (showToken) {
            terminal.print(login.token());
        }
    }

    /** Kept only when the server accepts it. */
    private void keepToken(URI uri, Logins logins) {
        String identity = identity(token);
        NodeClient client = NodeClient.anonymous(uri).as(token);
        client.require(client.get("/v1/ping"));
        logins.save(uri, new Logins.Login(identity, token));
    }

    private static String identity(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new CliException("--token: a token has three parts with dots between them");
        }
        try {
            JsonNode claims = new ObjectMapper().readTree(Base64.getUrlDecoder().decode(parts[1]));
            return Identity.derive(
                            claims.path("iss").asText(), claims.path("sub").asText())
                    .toHex();
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new CliException("--token: its second part is no JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CliException("--token: cannot be read: " + e, e);
        }
    }
}
