using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Cli;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Organizations;

/// <summary>Founds a channel, and says who its members are.</summary>
/// <param name="services">Of a node that is put together and need not run.</param>
/// <param name="output">Where results go.</param>
/// <param name="error">Where complaints go.</param>
internal sealed class Founding(IServiceProvider services, TextWriter output, TextWriter error)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly LedgerService ledger = services.GetRequiredService<LedgerService>();
    private readonly TimeProvider clock = services.GetRequiredService<TimeProvider>();

    /// <summary>This member as it will stand on the channel. Opens the node's keys; makes them and the schema if need be.</summary>
    /// <exception cref="NodeStartException">The node's keys do not open.</exception>
    public static async Task<OrganizationEntry> OwnEntryAsync(IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<Migrator>().ApplyAsync(ct);
        var keys = services.GetRequiredService<NodeKeys>();
        await keys.StartAsync(ct);
        var node = services.GetRequiredService<IOptions<NodeOptions>>().Value;
        return new OrganizationEntry(node.MspId, node.Name,
            node.Kind is NodeKind.Hospital ? OrganizationKind.Hospital : OrganizationKind.Regulator,
            new SealingKey(keys.SealingKey.KeyId, keys.SealingKey.ToString()));
    }

    /// <summary>Founds the channel, or finds that it has these founders already.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> InitAsync(IReadOnlyList<OrganizationEntry> founders, TimeSpan patience, CancellationToken ct)
    {
        if (!founders.Any(founder => founder.MspId == ledger.MspId))
        {
            await error.WriteLineAsync($"No entry is that of {ledger.MspId}, which this node acts for.");
            return NodeCommandLine.WrongUsage;
        }
        return await AnsweringAsync(async () =>
        {
            var wanted = founders.OrderBy(founder => founder.MspId, StringComparer.Ordinal).ToList();
            var network = await WhenItAnswersAsync(patience, ct);
            if (network.Settings is not null && !network.Organizations.SequenceEqual(wanted))
            {
                await error.WriteLineAsync("The channel already has its founders, and they are others:");
                await PrintAsync(network, error);
                return NodeCommandLine.Failure;
            }
            var founded = network.Settings is not null;
            if (!founded)
                network = (await ledger.SubmitAsync(LedgerTransactions.InitNetwork, new InitNetwork(wanted),
                    LedgerJson.Default.InitNetwork, LedgerJson.Default.Network, ct)).Result;
            await output.WriteLineAsync($"Channel '{ledger.Channel}' {(founded ? "was founded before" : "is founded")} by:");
            await PrintAsync(network, output);
            return NodeCommandLine.Success;
        });
    }

    /// <summary>Prints the members.</summary>
    /// <returns>The exit status.</returns>
    public Task<int> ListAsync(bool json, CancellationToken ct) => AnsweringAsync(async () =>
    {
        var network = await ledger.EvaluateAsync(LedgerTransactions.ListOrganizations, LedgerJson.Default.Network, ct);
        if (json)
            await output.WriteLineAsync(JsonSerializer.Serialize(network, LedgerJson.Default.Network));
        else if (network.Settings is not null)
            await PrintAsync(network, output);
        else
            await error.WriteLineAsync($"Channel '{ledger.Channel}' is not founded yet.");
        return network.Settings is null ? NodeCommandLine.Failure : NodeCommandLine.Success;
    });

    private async Task<Network> WhenItAnswersAsync(TimeSpan patience, CancellationToken ct)
    {
        for (var end = clock.GetUtcNow() + patience; ; await Task.Delay(Pause, clock, ct))
        {
            try
            {
                return await ledger.EvaluateAsync(LedgerTransactions.ListOrganizations, LedgerJson.Default.Network, ct);
            }
            catch (LedgerException e) when (e.ChaincodeStatus is null && clock.GetUtcNow() < end)
            {
                await error.WriteLineAsync($"The channel does not answer yet ({e.Code}).");
            }
        }
    }

    private async Task<int> AnsweringAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (LedgerException e)
        {
            await error.WriteLineAsync($"{e.Code}: {e.Message}");
            return NodeCommandLine.Failure;
        }
    }

    private static async Task PrintAsync(Network network, TextWriter to)
    {
        foreach (var member in network.Organizations)
            await to.WriteLineAsync($"{member.MspId}, {member.Kind}, {member.Name}, sealing key {member.SealingKey.KeyId}");
    }
}
