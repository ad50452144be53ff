using HealthShare.Fabric.Protocol;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>A channel does not notice where a transaction was signed.</summary>
[Collection(AssetCollection.Name)]
public sealed class OfflineTests(AssetChannel channel)
{
    [AssetFact]
    public async Task A_transaction_is_taken_from_proposal_to_commit_by_a_client_without_a_key()
    {
        using var elsewhere = channel.Profile.Organization(channel.North).LoadIdentity("User1");
        await using var client = channel.WithoutKey(channel.North);
        var key = NewKey();

        var proposal = client.NewProposal(Call("put", key, "signed elsewhere"));
        var transaction = await client.EndorseAsync(proposal, elsewhere.SignHash(proposal.GetDigest()));
        transaction.EnsureIsOf(proposal);
        await client.SubmitEndorsedAsync(transaction, elsewhere.SignHash(transaction.GetDigest()));
        var question = client.NewStatusRequest(proposal.TransactionId);
        var commit = await client.GetCommitStatusAsync(question, elsewhere.SignHash(question.GetDigest()));
        Assert.True(commit.IsValid);

        var query = client.NewProposal(Call("get", key));
        Assert.Equal("signed elsewhere", Text(await client.EvaluateAsync(query, elsewhere.SignHash(query.GetDigest()))));
    }

    [AssetFact]
    public async Task A_signature_of_somebody_else_is_refused_before_anything_is_sent()
    {
        using var somebody = channel.Profile.Organization(channel.South).LoadIdentity("User1");
        await using var client = channel.WithoutKey(channel.North);
        var key = NewKey();
        var proposal = client.NewProposal(Call("put", key, "x"));
        await Assert.ThrowsAsync<FabricDataException>(() => client.EndorseAsync(proposal, somebody.SignHash(proposal.GetDigest())));
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }
}
