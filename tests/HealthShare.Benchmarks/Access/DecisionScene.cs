using System.Buffers.Text;
using System.Net;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Authenticator;
using HealthShare.Sandbox.Stories;

namespace HealthShare.Benchmarks.Access;

/// <summary>A patient of North with a hundred records and ten signed statements, as the sandbox keeps them on its state folder.</summary>
/// <param name="PatientId">The patient.</param>
/// <param name="RecordIds">The records, all of North.</param>
/// <param name="Physician">Whoever asks for them, at North.</param>
/// <param name="Patient">The patient, at North.</param>
internal sealed record DecisionScene(string PatientId, IReadOnlyList<string> RecordIds, SignIn Physician, SignIn Patient)
{
    public const int Records = 100, Statements = 10;
    private const string Treatment = "TREAT", Laboratory = "laboratory";

    /// <summary>Brings it about over the nodes' own interfaces.</summary>
    /// <exception cref="StoryException">A node did not answer as it should.</exception>
    public static async Task<DecisionScene> PlayAsync(Consortium consortium, CancellationToken ct)
    {
        await SendMessagesAsync(consortium, ct);
        using var registrar = new NodeApi(consortium.SignIn(SandboxMember.North, "registrar"));
        var patientId = (await registrar.PatientOfAsync(Samples.PatientNumber, ct))["patientId"]!.GetValue<string>();
        using var device = new PatientDevice(patientId, SoftwareAuthenticator.Create(
            SandboxMember.North.Host, SandboxNode.OriginOf(SandboxMember.North, consortium.Ports)));
        (await registrar.PostAsync($"patients/{patientId}/first-credential", device.Credential, LedgerJson.Default.Credential, ct))
            .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        var signIn = new SignIn(SandboxMember.North.Key, consortium.Node(SandboxMember.North).Url, "Anna Keller", "patient", SignIn.NewToken(), patientId);
        consortium.Admit(signIn);
        using var patient = new NodeApi(signIn);
        var labelKey = Base64Url.DecodeFromChars((await StoryTeller.WaitForAsync("the patient's sign-in", async () =>
            await patient.GetAsync($"patients/{patientId}", ct) is { Status: HttpStatusCode.OK } answer && answer.Json["labelKey"] is { } key
                ? key : null, ct)).GetValue<string>());
        var records = await StoryTeller.WaitForAsync($"{Records} records on the channel", async () =>
            (await patient.GetAsync($"patients/{patientId}/records", ct)).Expect(HttpStatusCode.OK).Json["records"]!.AsArray()
                is { Count: >= Records } all ? all : null, ct);
        for (var i = 0; i < Statements; i++)
        {
            (await patient.PostAsync($"patients/{patientId}/consents", device.Sign(Statement(i, labelKey)).Signed, LedgerJson.Default.SignedStatement, ct))
                .Expect(HttpStatusCode.Created);
        }
        return new DecisionScene(patientId, [.. records.Select(record => record!["recordId"]!.GetValue<string>()).Take(Records)],
            consortium.SignIn(SandboxMember.North, "physician"), signIn);
    }

    private static async Task SendMessagesAsync(Consortium consortium, CancellationToken ct)
    {
        await using var mllp = await HealthShare.Hl7.Mllp.MllpClient.ConnectAsync(
            "127.0.0.1", consortium.Ports.Mllp(SandboxMember.North.Number), cancellationToken: ct);
        var glucose = Encoding.UTF8.GetString(Samples.Read(Samples.Glucose));
        for (var i = 0; i < Records; i++)
        {
            var message = i == 0 ? Samples.Read(Samples.Registration)
                : Encoding.UTF8.GetBytes(glucose.Replace("N-LAB-0002", $"N-LAB-1{i:D3}", StringComparison.Ordinal)
                    .Replace("9001", $"8{i:D3}", StringComparison.Ordinal).Replace("7001", $"6{i:D3}", StringComparison.Ordinal));
            var code = (await mllp.SendAsync(message, ct)).Code;
            StoryTeller.Check(code is "AA" or "CA", $"message {i} was acknowledged with {code}");
        }
    }

    // Permits and denies as people sign them: by hospital and role, by category, with exceptions, some over already soon. The last one
    // makes an own physician's reading depend on a signature, as it does for every hospital but the one that holds the record.
    private static GrantBody Statement(int i, byte[] labelKey)
    {
        var now = LedgerTime.Truncate(TimeProvider.System.GetUtcNow());
        var laboratory = Token.Compute(labelKey, TokenDimension.Category, Laboratory);
        var hiv = Token.Compute(labelKey, TokenDimension.Label, "HIV");
        var period = new Period(now, now.AddDays(10 + i));
        return i switch
        {
            < 4 => new GrantBody(Effect.Permit, [new Provision
            {
                Who = [new WhoOrg(SandboxMember.South.MspId, i % 2 == 0 ? "physician" : "nurse")], Purpose = [Treatment], Category = [laboratory],
                Except = [new Provision { Labels = [hiv] }],
            }], period),
            < 8 => new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(SandboxMember.East.MspId, "physician")], Purpose = [Treatment] }], period),
            8 => new GrantBody(Effect.Deny, [new Provision { Who = [new WhoAnyHospital()], Labels = [hiv] }], period),
            _ => new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(SandboxMember.North.MspId, "physician")], Purpose = [Treatment] }], period),
        };
    }
}
