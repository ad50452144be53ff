using System.Text.Json.Serialization;
using HealthShare.Chaincode.Shim;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>A contract that uses every kind of argument and result.</summary>
internal sealed class ThingsContract : Contract
{
    public override Task BeforeAsync(TransactionContext tx) => tx.Caller.MspId == "ShadyMSP"
        ? throw new ContractException("caller.refused", "Not from there.")
        : Task.CompletedTask;

    [Transaction]
    public async Task<Thing> PutAsync(TransactionContext tx, string id, Thing thing, int count)
    {
        if (count < 0)
            throw new ContractException("thing.negative", "The count is below zero.");
        await tx.PutAsync(CompositeKey.Make("thing", id), thing, ThingsJson.Default.Thing);
        tx.SetEvent("ThingPut", thing, ThingsJson.Default.Thing);
        return thing with { Count = count };
    }

    [Transaction(Evaluate = true)]
    public Task<Thing?> GetAsync(TransactionContext tx, string id) =>
        tx.GetAsync(CompositeKey.Make("thing", id), ThingsJson.Default.Thing);

    [Transaction(Evaluate = true)]
    public Task PretendToReadAsync(TransactionContext tx) => tx.DeleteAsync("x");

    [Transaction(Evaluate = true)]
    public async Task<IReadOnlyList<string>> ListAsync(TransactionContext tx)
    {
        var ids = new List<string>();
        await foreach (var item in tx.ListAsync("thing", [], ThingsJson.Default.Thing))
            ids.Add(item.Parts[0]);
        return ids;
    }

    [Transaction(Name = "Echo")]
    public Task<string> RepeatAsync(TransactionContext tx, string text) => Task.FromResult(text);

    [Transaction]
    public Task<byte[]> BytesAsync(TransactionContext tx, byte[] bytes) => Task.FromResult(bytes);

    [Transaction]
    public Task MaybeAsync(TransactionContext tx, Thing? thing, bool flag) => Task.CompletedTask;

    [Transaction]
    public Task ThrowAsync(TransactionContext tx) => throw new InvalidOperationException("holds a secret");

    [Transaction]
    public async Task HangAsync(TransactionContext tx) => await Task.Delay(Timeout.Infinite, tx.Cancellation);
}

internal sealed record Thing(string Name, int Count);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Thing))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ThingsJson : JsonSerializerContext;
