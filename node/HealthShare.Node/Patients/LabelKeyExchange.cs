using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Vault;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;
using HealthShare.Vault.Sealing;

namespace HealthShare.Node.Patients;

/// <summary>
/// Carries a patient's label key from the member that enrolled the patient to one that the patient linked: sealed to that
/// member, in the sender's own private collection.
/// </summary>
internal sealed partial class LabelKeyExchange(LedgerService ledger, Replica replica, LabelKeys labelKeys, NodeKeys nodeKeys)
{
    /// <summary>Does what an affiliation asks of this node.</summary>
    /// <returns>True when there is nothing left to do; false when the other side is not that far yet.</returns>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger is away or refuses.</exception>
    /// <exception cref="VaultException">The envelope is not for this node or not what it should be.</exception>
    public async Task<bool> AdvanceAsync(string patientId, string member, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is not { } patient)
            return true;
        if (patient.EnrolledBy == ledger.MspId && member != ledger.MspId)
            return await SendAsync(patientId, member, ct);
        if (patient.EnrolledBy != ledger.MspId && member == ledger.MspId)
            return await FetchAsync(patientId, patient.EnrolledBy, ct);
        return true;
    }

    private async Task<bool> SendAsync(string patientId, string recipient, CancellationToken ct)
    {
        using var labelKey = await labelKeys.FindAsync(patientId, ct);
        var member = await replica.GetAsync(LedgerKey.Organization(recipient), LedgerJson.Default.OrganizationEntry, ct);
        if (labelKey is null || member is null)
            return false;
        var key = labelKey.Bytes.ToArray();
        try
        {
            // The envelope's form asks for a salt; nothing commits to a label key, so it says nothing here.
            var envelope = KeyEnvelope.Seal([new EnvelopeKey(patientId, key, RecordKeyCommitment.CreateSalt())],
                SealingPublicKey.Parse(member.SealingKey.PublicKey), Info(patientId, ledger.MspId, recipient, member.SealingKey.KeyId));
            await ledger.SubmitPrivateAsync(LedgerTransactions.ShareLabelKey,
                new ShareLabelKey(patientId, recipient, member.SealingKey.KeyId), LedgerJson.Default.ShareLabelKey,
                LedgerTransactions.EnvelopeField, envelope, ct);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private async Task<bool> FetchAsync(string patientId, string sender, CancellationToken ct)
    {
        using (var known = await labelKeys.FindAsync(patientId, ct))
        {
            if (known is not null)
                return true;
        }
        var answer = await ledger.EvaluateAsync(LedgerTransactions.GetLabelKey, new GetLabelKey(patientId, sender),
            LedgerJson.Default.GetLabelKey, LedgerJson.Default.SealedEnvelope, sender, ct);
        // Another member's peer answers, and may answer anything.
        if (!StrictBase64Url.TryDecode(answer.Envelope, KeyEnvelope.MaxSize, out var envelope))
            throw new VaultException("envelope.malformed", "The envelope of a label key is not base64url.");
        var opened = nodeKeys.Open(envelope, Info(patientId, sender, ledger.MspId, answer.KeyId));
        try
        {
            if (opened is not [var only] || only.Record != patientId)
                throw new VaultException("label_key.wrong_envelope", "The envelope does not hold that patient's label key.");
            using var key = SecretKey.From(only.Key);
            await labelKeys.KeepAsync(patientId, key, ct);
            return true;
        }
        finally
        {
            foreach (var one in opened)
                CryptographicOperations.ZeroMemory(one.Key);
        }
    }

    // Members in the order of their names: canonical by RFC 8785, the same bytes on both sides.
    private byte[] Info(string patientId, string sender, string recipient, string keyId) => JsonSerializer.SerializeToUtf8Bytes(
        new LabelKeyInfo(ledger.Channel, keyId, patientId, recipient, sender, "labelKey", 1), LabelKeyJson.Default.LabelKeyInfo);

    private sealed record LabelKeyInfo(string Channel, string KeyId, string Patient, string Recipient, string Sender, string Use, int V);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(LabelKeyInfo))]
    private sealed partial class LabelKeyJson : JsonSerializerContext;
}
