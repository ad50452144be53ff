using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Cli;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;

namespace HealthShare.Node.Organizations;

/// <summary>
/// Gives this member another sealing key on the channel. Where the channel does not have the node's newest one, as after a failure or with
/// new keys in place of lost ones, it is that one; else one is made. It is kept before the channel hears of it.
/// </summary>
/// <param name="services">Of a node that is put together, with its keys opened.</param>
/// <param name="output">Where results go.</param>
/// <param name="error">Where complaints go.</param>
internal sealed class SealingKeyUpdate(IServiceProvider services, TextWriter output, TextWriter error)
{
    private readonly LedgerService ledger = services.GetRequiredService<LedgerService>();
    private readonly NodeKeys keys = services.GetRequiredService<NodeKeys>();

    /// <summary>Updates it.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> UpdateAsync(CancellationToken ct)
    {
        try
        {
            var network = await ledger.EvaluateAsync(LedgerTransactions.ListOrganizations, LedgerJson.Default.Network, ct);
            if (network.Organizations.FirstOrDefault(member => member.MspId == ledger.MspId) is not { } own)
            {
                await error.WriteLineAsync($"{ledger.MspId} is no member of channel '{ledger.Channel}'.");
                return NodeCommandLine.Failure;
            }
            if (own.SealingKey.PublicKey == keys.SealingKey.ToString())
                await keys.AddSealingKeyAsync(ct);
            await ledger.SubmitAsync(LedgerTransactions.UpdateSealingKey, new SealingKey(keys.SealingKey.KeyId, keys.SealingKey.ToString()),
                LedgerJson.Default.SealingKey, LedgerJson.Default.OrganizationEntry, ct);
            await output.WriteLineAsync($"{ledger.MspId}: sealing key {keys.SealingKey.KeyId} instead of {own.SealingKey.KeyId}.");
            return NodeCommandLine.Success;
        }
        catch (LedgerException e)
        {
            await error.WriteLineAsync($"{e.Code}: {e.Message}");
            return NodeCommandLine.Failure;
        }
    }
}
