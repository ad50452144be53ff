using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Cli;
using HealthShare.Node.Keys;
using HealthShare.Node.Organizations;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Access;

namespace HealthShare.UnitTests.Node.Organizations;

public sealed class SealingKeyUpdateTests
{
    [Fact]
    public async Task A_member_changes_its_sealing_key_between_decision_and_release_and_reads_what_is_sealed_to_either()
    {
        await using var scene = await AccessScene.StartAsync();
        await scene.GrantAsync();
        var (before, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, before, scene.Glucose));
        var north = scene.Ledger(AccessScene.North);
        north.Closed[LedgerTransactions.DeliverKeys] = true; // sealed to the old key, and not delivered
        var (id, _) = await scene.AskAsync(AccessScene.South, scene.Records(scene.Glucose));
        await AccessScene.UntilAsync("a delivery to be tried", () => Task.FromResult(north.CountOf(LedgerTransactions.DeliverKeys) > 1));

        var old = await OnChannelAsync(scene);
        var south = scene.Ledger(AccessScene.South);
        south.Closed[LedgerTransactions.UpdateSealingKey] = true;
        Assert.Equal(NodeCommandLine.Failure, await UpdateAsync(scene));
        south.Closed.Clear();
        Assert.Equal(NodeCommandLine.Success, await UpdateAsync(scene)); // with the key that was made before
        await scene.CaughtUpAsync();
        var fresh = await OnChannelAsync(scene);
        Assert.NotEqual(old, fresh);
        Assert.Equal(fresh, scene.Service<NodeKeys>(AccessScene.South).SealingKey.KeyId);
        Assert.Equal(2, await scene.ScalarAsync<long>(AccessScene.South, "SELECT count(*) FROM secret WHERE purpose = 'sealing-key'"));

        await scene.RestartAsync(AccessScene.South);
        Assert.Equal(fresh, scene.Service<NodeKeys>(AccessScene.South).SealingKey.KeyId);
        north.Closed.Clear();
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, id, scene.Glucose));
        Assert.Equal(AccessScene.TextOf(scene.Glucose), await scene.ReadAsync(AccessScene.South, before, scene.Glucose));
        Assert.Equal(0, await scene.ScalarAsync<long>(AccessScene.North, "SELECT count(*) FROM incident"));
    }

    private static async Task<string> OnChannelAsync(AccessScene scene) => (await scene.Service<Replica>(AccessScene.North).GetAsync(
        LedgerKey.Organization(AccessScene.South), LedgerJson.Default.OrganizationEntry, default))!.SealingKey.KeyId;

    private static async Task<int> UpdateAsync(AccessScene scene)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await new SealingKeyUpdate(scene.Node(AccessScene.South).App.Services, output, error).UpdateAsync(default);
        Assert.Equal(status == NodeCommandLine.Success, error.ToString().Length == 0);
        return status;
    }
}
