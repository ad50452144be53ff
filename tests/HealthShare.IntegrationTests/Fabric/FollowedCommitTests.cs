using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>Commits that a client hears of in filtered blocks are those that it would be told of when it asks.</summary>
[Collection(AssetCollection.Name)]
public sealed class FollowedCommitTests(AssetChannel channel)
{
    [AssetFact]
    public async Task What_is_heard_in_filtered_blocks_is_what_the_peer_answers_also_of_conflicts()
    {
        const int acts = 40;
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", key, "0"));
        await using var client = GatewayClient.Connect(channel.Profile, channel.North, "User1", Patient.Options with { FollowCommits = true });

        // Half of them read and write the one key, and all are endorsed before the first is submitted: of those only one is valid.
        var endorsed = await Task.WhenAll(Enumerable.Range(0, acts).Select(i =>
            client.EndorseAsync(i % 2 == 0 ? Call("put", $"{key}-{i}", "x") : Call("update", key, $"{i}"))));
        var outcomes = await Task.WhenAll(endorsed.Select(transaction => OutcomeAsync(client, transaction)));

        foreach (var (transactionId, isValid) in outcomes)
            Assert.Equal(isValid, (await channel.As(channel.North).GetCommitStatusAsync(transactionId)).IsValid);
        Assert.True(outcomes.Where((_, i) => i % 2 == 0).All(outcome => outcome.IsValid));
        Assert.Single(outcomes.Where((_, i) => i % 2 == 1), outcome => outcome.IsValid);
        Assert.Equal(acts, outcomes.Select(outcome => outcome.TransactionId).Distinct().Count());
    }

    private static async Task<(string TransactionId, bool IsValid)> OutcomeAsync(GatewayClient client, EndorsedTransaction transaction)
    {
        try
        {
            return ((await client.CommitAsync(transaction)).TransactionId, true);
        }
        catch (LedgerException e) when (e.Code is "commit.mvcc_read_conflict")
        {
            return (e.TransactionId, false);
        }
    }
}
