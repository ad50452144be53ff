using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Shim.Routing;

/// <summary>
/// Describes contracts to tools, as <c>org.hyperledger.fabric:GetMetadata</c> answers it: the JSON of Fabric's contract metadata
/// schema. Types that are more than a value stand once under <c>components.schemas</c>.
/// </summary>
internal static class ContractMetadata
{
    private static readonly JsonSchemaExporterOptions Names = new() { TransformSchemaNode = AddNames };

    /// <summary>Contract whose transactions every chaincode of a contract API answers.</summary>
    public const string SystemContract = "org.hyperledger.fabric";

    /// <summary>Its one transaction, by its full name.</summary>
    public const string Transaction = SystemContract + ":GetMetadata";

    private const string Schema = "https://hyperledger.github.io/fabric-chaincode-node/main/api/contract-schema.json";
    private const string Components = "#/components/schemas/";

    public static byte[] Write(IReadOnlyCollection<BoundTransaction> transactions, string? defaultContract, Assembly assembly)
    {
        var schemas = new JsonObject();
        var contracts = new JsonObject();
        foreach (var contract in transactions.GroupBy(transaction => transaction.Info.Contract).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            contracts[contract.Key] = Contract(contract.Key, contract.Key == defaultContract, contract
                .OrderBy(transaction => transaction.Info.Name, StringComparer.Ordinal)
                .Select(transaction => Describe(transaction, schemas)));
        }
        contracts[SystemContract] = Contract(SystemContract, isDefault: false,
            [new JsonObject { ["name"] = "GetMetadata", ["tag"] = Tags(evaluate: true), ["returns"] = Type("string") }]);
        var name = assembly.GetName();
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["$schema"] = Schema,
            ["contracts"] = contracts,
            ["info"] = new JsonObject { ["version"] = name.Version?.ToString(3) ?? "", ["title"] = name.Name },
            ["components"] = new JsonObject { ["schemas"] = schemas },
        }, NodeJson.Default.JsonObject);
    }

    private static JsonObject Contract(string name, bool isDefault, IEnumerable<JsonNode> transactions)
    {
        var instance = new JsonObject { ["name"] = name };
        if (isDefault)
            instance["default"] = true;
        return new JsonObject
        {
            ["name"] = name,
            ["contractInstance"] = instance,
            ["transactions"] = new JsonArray([.. transactions]),
            ["info"] = new JsonObject { ["title"] = "", ["version"] = "" },
        };
    }

    private static JsonObject Describe(BoundTransaction transaction, JsonObject schemas)
    {
        var described = new JsonObject
        {
            ["name"] = transaction.Info.Name[(transaction.Info.Contract.Length + 1)..],
            ["tag"] = Tags(transaction.Info.Evaluate),
            ["parameters"] = new JsonArray([.. transaction.Types.Parameters.Select(parameter => new JsonObject
            {
                ["name"] = parameter.Name,
                ["required"] = parameter.IsRequired,
                ["schema"] = SchemaOf(parameter.Type, parameter.Json, schemas),
            })]),
        };
        if (transaction.Types.Result is { } result)
            described["returns"] = SchemaOf(result, transaction.Types.ResultJson, schemas);
        return described;
    }

    private static JsonArray Tags(bool evaluate) => evaluate ? ["EVALUATE"] : ["SUBMIT", "submitTx"];

    private static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonNode SchemaOf(Type type, JsonTypeInfo? json, JsonObject schemas)
    {
        if (type == typeof(string[]) && json is null)
            return new JsonObject { ["type"] = "array", ["items"] = Type("string") };
        if (json is null)
            return type == typeof(byte[]) ? new JsonObject { ["type"] = "string", ["format"] = "binary" } : Type("string");
        if (json.Kind is JsonTypeInfoKind.None)
            return json.GetJsonSchemaAsNode(Names);
        var name = NameOf(type);
        if (!schemas.ContainsKey(name))
        {
            var schema = json.GetJsonSchemaAsNode(Names);
            MoveReferences(schema, Components + name);
            if (schema is JsonObject described)
                described.Insert(0, "$id", name);
            schemas[name] = schema;
        }
        return new JsonObject { ["$ref"] = Components + name };
    }

    // The exporter sees nothing of what a converter of the contract's own writes.
    private static JsonNode AddNames(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = context.TypeInfo.Type;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (!plain.IsEnum || schema is JsonObject { Count: > 0 })
            return schema;
        var json = context.TypeInfo.Options.GetTypeInfo(plain);
        var names = new JsonArray([.. Enum.GetValuesAsUnderlyingType(plain).Cast<object>()
            .Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(plain, value), json))]);
        if (type != plain)
            names.Add((JsonNode?)null);
        return new JsonObject { ["enum"] = names };
    }

    // A type that holds itself refers to its own schema by its place, which is no longer the document's root.
    private static void MoveReferences(JsonNode? node, string root)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["$ref"]?.GetValueKind() is JsonValueKind.String)
                    members["$ref"] = root + members["$ref"]!.GetValue<string>().TrimStart('#');
                foreach (var (_, member) in members.ToArray())
                    MoveReferences(member, root);
                break;
            case JsonArray items:
                foreach (var item in items)
                    MoveReferences(item, root);
                break;
        }
    }

    private static string NameOf(Type type) => !type.IsGenericType
        ? type.Name
        : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class NodeJson : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>Types of a transaction, for its description.</summary>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Result">Its result; null for none.</param>
/// <param name="ResultJson">How the result is written; null where it passes as it is.</param>
internal sealed record TransactionTypes(IReadOnlyList<ParameterType> Parameters, Type? Result, JsonTypeInfo? ResultJson);

/// <summary>Type of one parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsRequired">Whether a call must give it.</param>
/// <param name="Type">Its type.</param>
/// <param name="Json">How it is read; null where it passes as it is.</param>
internal sealed record ParameterType(string Name, bool IsRequired, Type Type, JsonTypeInfo? Json);
