package io.pinion.store.schema;

import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.option;
import static io.pinion.store.value.AlgebraicType.product;
import static io.pinion.store.value.AlgebraicType.sum;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.AlgebraicType.Sum;
import io.pinion.store.value.TypeCodec;
import io.pinion.store.value.Typespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Descriptions as values: the types of V9 and V10 descriptions, without the version's tag, so that JSON can be made of
 * them like of any other value.
 */
final class RawModuleDefTypes {
    static final AlgebraicType V10 = new Ref(1);
    static final AlgebraicType V9 = new Ref(2);

    private static final AlgebraicType TYPE = TypeCodec.META_TYPE;
    private static final AlgebraicType STRING = Primitive.STRING;
    private static final AlgebraicType OPTIONAL_STRING = option(STRING);
    private static final AlgebraicType OPTIONAL_I128 = option(Primitive.I128);
    private static final AlgebraicType COLUMNS = new Array(Primitive.U16);
    private static final AlgebraicType BYTES = new Array(Primitive.U8);
    private static final Product PARAMETERS =
            product(element("elements", arrayOf(element("name", OPTIONAL_STRING), element("algebraic_type", TYPE))));
    private static final Product TYPES = product(element("types", new Array(TYPE)));
    private static final Sum ALGORITHM =
            sum(element("BTree", COLUMNS), element("Hash", COLUMNS), element("Direct", Primitive.U16));
    private static final Sum CONSTRAINT_DATA = sum(element("Unique", product(element("columns", COLUMNS))));
    private static final Sum TABLE_TYPE = enumOf("System", "User");
    private static final Sum TABLE_ACCESS = enumOf("Public", "Private");
    private static final Sum VISIBILITY = enumOf("Private", "ClientCallable");
    private static final Sum LIFECYCLE = enumOf("Init", "OnConnect", "OnDisconnect");
    private static final AlgebraicType ROW_LEVEL_SECURITY = arrayOf(element("sql", STRING));

    /** What {@link #V10} and {@link #V9} refer to; entry 0 is the type of types. */
    static final Typespace TYPESPACE = new Typespace(List.of(TypeCodec.META_TYPESPACE.get(0), v10(), v9()));

    private RawModuleDefTypes() {}

    private static Product v10() {
        Sum section = sum(
                element("Typespace", TYPES),
                element("Types", namedTypes("source_name")),
                element("Tables", new Array(tableV10())),
                element("Reducers", reducersV10()),
                element("Procedures", proceduresV10()),
                element("Views", new Array(view("source_name"))),
                element("Schedules", schedulesV10()),
                element(
                        "LifeCycleReducers",
                        arrayOf(element("lifecycle_spec", LIFECYCLE), element("function_name", STRING))),
                element("RowLevelSecurity", ROW_LEVEL_SECURITY),
                element("CaseConversionPolicy", enumOf("None", "SnakeCase")),
                element("ExplicitNames", product(element("entries", new Array(explicitName())))),
                element("HttpHandlers", arrayOf(element("source_name", STRING))),
                element("HttpRoutes", routes()),
                element(
                        "ViewPrimaryKeys",
                        arrayOf(element("view_source_name", STRING), element("columns", new Array(STRING)))),
                element("Submodules", arrayOf(element("namespace", STRING), element("module", V10))));
        return product(element("sections", new Array(section)));
    }

    private static AlgebraicType namedTypes(String nameField) {
        Product name = product(element("scope", new Array(STRING)), element(nameField, STRING));
        return arrayOf(
                element(nameField, name), element("ty", Primitive.U32), element("custom_ordering", Primitive.BOOL));
    }

    private static Product tableV10() {
        List<Element> elements = new ArrayList<>(tableHead("source_name"));
        elements.add(element("table_type", TABLE_TYPE));
        elements.add(element("table_access", TABLE_ACCESS));
        elements.add(element("default_values", arrayOf(element("col_id", Primitive.U16), element("value", BYTES))));
        elements.add(element("is_event", Primitive.BOOL));
        return new Product(elements);
    }

    private static List<Element> tableHead(String nameField) {
        return List.of(
                element(nameField, STRING),
                element("product_type_ref", Primitive.U32),
                element("primary_key", COLUMNS),
                element(
                        "indexes",
                        arrayOf(
                                element(nameField, OPTIONAL_STRING),
                                element("accessor_name", OPTIONAL_STRING),
                                element("algorithm", ALGORITHM))),
                element("constraints", arrayOf(element(nameField, OPTIONAL_STRING), element("data", CONSTRAINT_DATA))),
                element(
                        "sequences",
                        arrayOf(
                                element(nameField, OPTIONAL_STRING),
                                element("column", Primitive.U16),
                                element("start", OPTIONAL_I128),
                                element("min_value", OPTIONAL_I128),
                                element("max_value", OPTIONAL_I128),
                                element("increment", Primitive.I128))));
    }

    private static AlgebraicType reducersV10() {
        return arrayOf(
                element("source_name", STRING),
                element("params", PARAMETERS),
                element("visibility", VISIBILITY),
                element("ok_return_type", TYPE),
                element("err_return_type", TYPE));
    }

    private static AlgebraicType proceduresV10() {
        return arrayOf(
                element("source_name", STRING),
                element("params", PARAMETERS),
                element("return_type", TYPE),
                element("visibility", VISIBILITY));
    }

    private static Product view(String nameField) {
        return product(
                element(nameField, STRING),
                element("index", Primitive.U32),
                element("is_public", Primitive.BOOL),
                element("is_anonymous", Primitive.BOOL),
                element("params", PARAMETERS),
                element("return_type", TYPE));
    }

    private static AlgebraicType schedulesV10() {
        return arrayOf(
                element("source_name", OPTIONAL_STRING),
                element("table_name", STRING),
                element("schedule_at_col", Primitive.U16),
                element("function_name", STRING));
    }

    private static Sum explicitName() {
        Product mapping = product(element("source_name", STRING), element("canonical_name", STRING));
        return sum(element("Table", mapping), element("Function", mapping), element("Index", mapping));
    }

    private static AlgebraicType routes() {
        List<Element> methods = new ArrayList<>();
        for (String method : HttpMethods.KNOWN) {
            methods.add(element(HttpMethods.variantName(method), AlgebraicType.UNIT));
        }
        methods.add(element("Extension", STRING));
        Sum method = sum(element("Any", AlgebraicType.UNIT), element("Method", new Sum(methods)));
        return arrayOf(element("handler_function", STRING), element("method", method), element("path", STRING));
    }

    private static Product v9() {
        Product columnDefault =
                product(element("table", STRING), element("col_id", Primitive.U16), element("value", BYTES));
        Product procedure =
                product(element("name", STRING), element("params", PARAMETERS), element("return_type", TYPE));
        Sum miscExport = sum(
                element("ColumnDefaultValue", columnDefault),
                element("Procedure", procedure),
                element("View", view("name")));
        AlgebraicType reducers = arrayOf(
                element("name", STRING), element("params", PARAMETERS), element("lifecycle", option(LIFECYCLE)));
        return product(
                element("typespace", TYPES),
                element("tables", new Array(tableV9())),
                element("reducers", reducers),
                element("types", namedTypes("name")),
                element("misc_exports", new Array(miscExport)),
                element("row_level_security", ROW_LEVEL_SECURITY));
    }

    private static Product tableV9() {
        Product schedule = product(
                element("name", OPTIONAL_STRING),
                element("reducer_name", STRING),
                element("scheduled_at_column", Primitive.U16));
        List<Element> elements = new ArrayList<>(tableHead("name"));
        elements.add(element("schedule", option(schedule)));
        elements.add(element("table_type", TABLE_TYPE));
        elements.add(element("table_access", TABLE_ACCESS));
        return new Product(elements);
    }

    private static AlgebraicType arrayOf(Element... fields) {
        return new Array(product(fields));
    }

    private static Sum enumOf(String... variants) {
        return new Sum(Arrays.stream(variants)
                .map(variant -> element(variant, AlgebraicType.UNIT))
                .toList());
    }
}
