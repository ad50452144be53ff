using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ContractMetadataTests
{
    private static readonly ReadOnlyMemory<byte> North = TestIdentity.Create("NorthMSP");

    [Fact]
    public async Task Clients_get_contracts_transactions_parameters_and_tags()
    {
        var metadata = await AskAsync(new ChaincodeRouter([new ThingsContract()], ThingsJson.Default));
        Assert.Equal(["Things", "org.hyperledger.fabric"], metadata["contracts"]!.AsObject().Select(contract => contract.Key));
        Assert.Equal("""{"name":"Things"}""", metadata["contracts"]!["Things"]!["contractInstance"]!.ToJsonString());
        Assert.Equal("""
            {"name":"Put","tag":["SUBMIT","submitTx"],"parameters":[{"name":"id","required":true,"schema":{"type":"string"}},{"name":"thing","required":true,"schema":{"$ref":"#/components/schemas/Thing"}},{"name":"count","required":true,"schema":{"type":"integer"}}],"returns":{"$ref":"#/components/schemas/Thing"}}
            """, Transaction(metadata, "Things", "Put"));
        Assert.Contains("\"tag\":[\"EVALUATE\"]", Transaction(metadata, "Things", "Get"), StringComparison.Ordinal);
        Assert.Contains("\"tag\":[\"EVALUATE\"]", Transaction(metadata, "org.hyperledger.fabric", "GetMetadata"), StringComparison.Ordinal);
        var thing = metadata["components"]!["schemas"]!["Thing"]!;
        Assert.Equal(("Thing", "integer"), ((string)thing["$id"]!, (string)thing["properties"]!["count"]!["type"]!));
        Assert.Equal("HealthShare.UnitTests", (string)metadata["info"]!["title"]!);
    }

    [Fact]
    public async Task Optional_parameters_and_the_default_contract_are_told_and_a_type_that_holds_itself_refers_to_itself()
    {
        var metadata = await AskAsync(new ChaincodeRouter([new TreesContract()], TreesJson.Default, "Trees"));
        Assert.Equal("""{"name":"Trees","default":true}""", metadata["contracts"]!["Trees"]!["contractInstance"]!.ToJsonString());
        Assert.Equal("""
            {"name":"Grow","tag":["SUBMIT","submitTx"],"parameters":[{"name":"tree","required":true,"schema":{"$ref":"#/components/schemas/Tree"}},{"name":"height","required":false,"schema":{"type":"integer"}},{"name":"labels","required":false,"schema":{"type":"array","items":{"type":"string"}}}]}
            """, Transaction(metadata, "Trees", "Grow"));
        Assert.Contains("\"$ref\":\"#/components/schemas/Tree\"", metadata["components"]!["schemas"]!["Tree"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_may_be_left_out_from_the_end_and_the_contract_may_go_unnamed()
    {
        var router = new ChaincodeRouter([new TreesContract()], TreesJson.Default, "Trees");
        var ledger = new InMemoryLedger();
        Assert.True((await ledger.EvaluateAsync(router, North, "Grow", "{}")).IsSuccess);
        Assert.True((await ledger.EvaluateAsync(router, North, "Trees:Grow", "{}", "7", "a", "b")).IsSuccess);
        Assert.StartsWith("arguments.invalid: Trees:Grow takes at least 1 ", (await ledger.EvaluateAsync(router, North, "Grow")).Message, StringComparison.Ordinal);
        Assert.StartsWith("arguments.invalid: ", (await ledger.EvaluateAsync(router, North, "Grow", "{}", "x")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new TreesContract()], TreesJson.Default, "Absent"));
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new ImpostorContract()], TreesJson.Default));
    }

    private static async Task<JsonNode> AskAsync(ChaincodeRouter router)
    {
        var answer = await new InMemoryLedger().EvaluateAsync(router, North, "org.hyperledger.fabric:GetMetadata");
        Assert.True(answer.IsSuccess);
        return JsonNode.Parse(answer.Payload.Span)!;
    }

    private static string Transaction(JsonNode metadata, string contract, string name) => metadata["contracts"]![contract]!["transactions"]!
        .AsArray().Single(transaction => (string)transaction!["name"]! == name)!.ToJsonString();

    private sealed class ImpostorContract : Contract
    {
        public override string Name => "org.hyperledger.fabric";

        [Transaction]
        public Task GetMetadataAsync(TransactionContext tx) => Task.CompletedTask;
    }
}

internal sealed class TreesContract : Contract
{
    [Transaction]
    public Task GrowAsync(TransactionContext tx, Tree tree, int height = 3, params string[] labels)
    {
        Assert.True(labels.Length == 0 ? height == 3 : (height, string.Join(' ', labels)) == (7, "a b"));
        return Task.CompletedTask;
    }
}

internal sealed record Tree(IReadOnlyList<Tree>? Branches = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Tree))]
[JsonSerializable(typeof(int))]
internal sealed partial class TreesJson : JsonSerializerContext;
