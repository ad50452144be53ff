using System.Text;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ChaincodeRouterTests
{
    private static readonly ReadOnlyMemory<byte> North = TestIdentity.Create("NorthMSP");
    private readonly ChaincodeRouter router = new([new ThingsContract()], ThingsJson.Default);
    private readonly InMemoryLedger ledger = new();

    [Fact]
    public async Task Typed_arguments_arrive_and_the_result_is_json()
    {
        var (response, stub, _) = await ledger.SubmitAsync(router, North, "Things:Put", "one", """{"name":"lamp","count":1}""", "7");
        Assert.Equal((200, """{"name":"lamp","count":7}"""), (response.Status, Text(response)));
        Assert.Equal(CompositeKey.Make("thing", "one"), Assert.Single(stub.Writes).Key);
        Assert.Equal("ThingPut", Assert.Single(ledger.Events).Name);
        Assert.Equal("""["one"]""", Text(await ledger.EvaluateAsync(router, North, "Things:List")));
    }

    [Theory]
    [InlineData("\"quoted\"")]
    [InlineData("plain text, ünïcode")]
    [InlineData("")]
    public async Task Strings_pass_as_they_are(string text) =>
        Assert.Equal(text, Text(await ledger.EvaluateAsync(router, North, "Things:Echo", text)));

    [Fact]
    public async Task Bytes_pass_as_they_are()
    {
        var stub = ledger.BeginRaw(North, [Encoding.UTF8.GetBytes("Things:Bytes"), new byte[] { 0, 0xFF, 0xFE }]);
        Assert.Equal([0, 0xFF, 0xFE], (await router.InvokeAsync(stub, default)).Payload.ToArray());
    }

    [Theory]
    [InlineData("transaction.unknown", "Things:Nothing")]
    [InlineData("transaction.unknown", "things:Echo", "x")]
    [InlineData("transaction.unknown", "Things:Repeat", "x")]
    [InlineData("transaction.unknown", "")]
    [InlineData("transaction.unknown")]
    [InlineData("arguments.invalid", "Things:Echo")]
    [InlineData("arguments.invalid", "Things:Echo", "a", "b")]
    [InlineData("arguments.invalid", "Things:Put", "id", "not json", "1")]
    [InlineData("arguments.invalid", "Things:Put", "id", "null", "1")]
    [InlineData("arguments.invalid", "Things:Put", "id", """{"name":"\ud800","count":1}""", "1")]
    [InlineData("arguments.invalid", "Things:Put", "id", """{"name":"a","count":1,"more":2}""", "1")]
    [InlineData("arguments.invalid", "Things:Put", "id", """{"name":"a","count":1}""", "1.5")]
    [InlineData("arguments.invalid", "Things:Put", "id", """{"name":"a","count":1}""", "99999999999")]
    [InlineData("arguments.invalid", "Things:Put", "id", """{"name":"a","count":1}""", "")]
    [InlineData("thing.negative", "Things:Put", "id", """{"name":"a","count":1}""", "-1")]
    [InlineData("key.invalid", "Things:Put", "i\0d", """{"name":"a","count":1}""", "1")]
    [InlineData("transaction.read_only", "Things:PretendToRead")]
    public async Task A_refusal_has_a_stable_code_and_writes_nothing(string code, params string[] arguments)
    {
        var (response, stub, commit) = await ledger.SubmitAsync(router, North, arguments);
        Assert.Equal(500, response.Status);
        Assert.StartsWith(code + ": ", response.Message, StringComparison.Ordinal);
        Assert.True(response.Payload.IsEmpty);
        Assert.Null(commit);
        Assert.Empty(stub.Writes);
    }

    [Fact]
    public async Task A_refusal_never_repeats_an_argument()
    {
        var response = await ledger.EvaluateAsync(router, North, "Things:Put", "id", """{"name":"SECRET","count":"SECRET"}""", "1");
        Assert.DoesNotContain("SECRET", response.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", (await ledger.EvaluateAsync(router, North, "SECRET")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_refused_as_name_and_as_string()
    {
        var name = await router.InvokeAsync(ledger.BeginRaw(North, [new byte[] { 0xFF }]), default);
        Assert.StartsWith("transaction.unknown: ", name.Message, StringComparison.Ordinal);
        var text = await router.InvokeAsync(
            ledger.BeginRaw(North, [Encoding.UTF8.GetBytes("Things:Echo"), new byte[] { 0xC3, 0x28 }]), default);
        Assert.StartsWith("arguments.invalid: ", text.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_is_taken_only_where_the_parameter_allows_it() =>
        Assert.True((await ledger.EvaluateAsync(router, North, "Things:Maybe", "null", "true")).IsSuccess);

    [Fact]
    public async Task A_contract_can_refuse_before_any_of_its_transactions() => Assert.Equal("caller.refused: Not from there.",
        (await ledger.EvaluateAsync(router, TestIdentity.Create("ShadyMSP"), "Things:Echo", "x")).Message);

    [Fact]
    public void The_router_lists_what_it_serves()
    {
        var put = router.Transactions.Single(info => info.Name == "Things:Put");
        Assert.Equal((false, "id thing count"), (put.Evaluate, string.Join(' ', put.Parameters)));
        Assert.True(router.Transactions.Single(info => info.Name == "Things:Get").Evaluate);
    }

    [Fact]
    public void Malformed_contracts_stop_the_start()
    {
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new ThingsContract(), new ThingsContract()], ThingsJson.Default));
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new EmptyContract()], ThingsJson.Default));
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new UnknownTypeContract()], ThingsJson.Default));
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new NoContextContract()], ThingsJson.Default));
        Assert.Throws<ArgumentException>(() => new ChaincodeRouter([new NoTaskContract()], ThingsJson.Default));
    }

    private static string Text(ChaincodeResponse response) => Encoding.UTF8.GetString(response.Payload.Span);

    private sealed class EmptyContract : Contract;

    private sealed class UnknownTypeContract : Contract
    {
        [Transaction]
        public Task RunAsync(TransactionContext tx, Uri unknown) => Task.CompletedTask;
    }

    private sealed class NoContextContract : Contract
    {
        [Transaction]
        public Task RunAsync(string text) => Task.CompletedTask;
    }

    private sealed class NoTaskContract : Contract
    {
        [Transaction]
        public string Run(TransactionContext tx) => "";
    }
}
