package io.pinion.actors.database;

import io.pinion.actors.database.ArgumentCheck.BadArgumentsException;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.Bytes;

/** A reducer made ready for calls: what it takes is checked before it is called. Immutable. */
final class Reducer {
    private final ReducerDef def;
    private final ArgumentCheck arguments;

    Reducer(ReducerDef def) {
        this.def = def;
        this.arguments = new ArgumentCheck("reducer", def.name(), def.parameters());
    }

    int id() {
        return def.id();
    }

    String name() {
        return def.name();
    }

    boolean isLifecycle() {
        return def.lifecycle().isPresent();
    }

    boolean isPrivate() {
        return def.visibility() == Visibility.PRIVATE;
    }

    /** BSATN of the product of its parameters' types, without references. */
    Bytes parameterTypes() {
        return arguments.types();
    }

    /** As {@link ArgumentCheck#check}. */
    Bytes check(Arguments given) throws BadArgumentsException {
        return arguments.check(given);
    }
}
