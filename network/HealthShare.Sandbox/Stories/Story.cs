using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Keys;
using HealthShare.Node.Receipts;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.Sandbox.Stories;

/// <summary>One patient's story, from the first message to the verified ledger, played over the nodes' own interfaces.</summary>
internal sealed class Story : IDisposable
{
    private const string Treatment = "TREAT", Laboratory = "laboratory", HivLabel = "HIV";

    private readonly Consortium consortium;
    private readonly StoryTeller teller;
    private readonly NodeApi northRegistrar, southRegistrar, southPhysician, eastNurse;
    private PatientDevice device = null!;
    private NodeApi patient = null!;
    private byte[] labelKey = [];
    private string grantId = "", accessId = "", glucoseId = "";

    private Story(Consortium consortium, StoryTeller teller)
    {
        (this.consortium, this.teller) = (consortium, teller);
        northRegistrar = new NodeApi(consortium.SignIn(SandboxMember.North, "registrar"));
        southRegistrar = new NodeApi(consortium.SignIn(SandboxMember.South, "registrar"));
        southPhysician = new NodeApi(consortium.SignIn(SandboxMember.South, "physician"));
        eastNurse = new NodeApi(consortium.SignIn(SandboxMember.East, "nurse"));
    }

    /// <summary>Plays the whole story. False when a step was not as it should be; the last line printed names it.</summary>
    public static async Task<bool> PlayAsync(SandboxOptions options, TextWriter output, CancellationToken ct)
    {
        try
        {
            var teller = new StoryTeller(output);
            var audit = new LedgerAudit(teller);
            (AccessRef Access, string RecordId, string KeyId) revoked;
            await using (var consortium = await Consortium.StartAsync(options, output, ct))
            {
                using var story = new Story(consortium, teller);
                await story.PlayAsync(ct);
                revoked = (new AccessRef(story.device.PatientId, SandboxMember.South.MspId, story.accessId), story.glucoseId,
                    consortium.Node(SandboxMember.South).Services.GetRequiredService<NodeKeys>().SealingKey.KeyId);
                await audit.OverTheWireAsync(consortium, ct);
            }
            await audit.OfTheFilesAsync(options.State, ct);
            await new Collusion(teller).OfTheMajorityAsync(options.State, revoked.Access, revoked.RecordId, revoked.KeyId, ct);
            await output.WriteLineAsync("The story ended as it should.");
            return true;
        }
        catch (StoryException)
        {
            return false; // the step's own line has said why
        }
    }

    /// <summary>Plays up to the moment at which South has read a record of North, for whoever wants to read it again.</summary>
    /// <returns>South's physician's sign-in, the record's path below <c>/api/v1/</c> of South's node, and its bytes.</returns>
    /// <exception cref="StoryException">A step was not as it should be.</exception>
    public static async Task<(SignIn Reader, string Path, byte[] Content)> PlayToReadAsync(
        Consortium consortium, TextWriter output, CancellationToken ct)
    {
        using var story = new Story(consortium, new StoryTeller(output));
        await story.PlayToReadAsync(ct);
        return (story.southPhysician.SignIn, story.ReadPath, Samples.Read(Samples.Glucose));
    }

    public void Dispose()
    {
        foreach (var api in new IDisposable?[] { northRegistrar, southRegistrar, southPhysician, eastNurse, patient, device })
            api?.Dispose();
    }

    private string ReadPath => $"access-requests/{accessId}/records/{glucoseId}";

    private async Task PlayToReadAsync(CancellationToken ct)
    {
        await teller.StepAsync("North acknowledges a registration and three results over MLLP", () => SendMessagesAsync(ct));
        await teller.StepAsync("North takes in a file from its watched folder, and puts one aside that is no message", () => FolderStory.PlayAsync(consortium, ct));
        await teller.StepAsync("The patient registers a passkey at North's desk", () => RegisterPasskeyAsync(ct));
        await teller.StepAsync("All five messages are records on the channel, and the file's is labelled HIV by North's own rules", () => WaitForRecordsAsync(ct));
        await teller.StepAsync("The patient links South, where the registrar joins the own number", () => LinkSouthAsync(ct));
        await teller.StepAsync("Before any consent, South's physician gets nothing", () => AskInVainAsync(southPhysician, ct));
        await teller.StepAsync("The patient grants South's physicians the laboratory results, save HIV, for 30 days", () => GrantAsync(ct));
        await teller.StepAsync("South's physician asks for laboratory results and is told of the glucose result alone", () => AskAsync(ct));
        await teller.StepAsync("South reads the exact bytes that North received", () => ReadAsync(ct));
    }

    private async Task PlayAsync(CancellationToken ct)
    {
        await PlayToReadAsync(ct);
        await teller.StepAsync("HIV results and image stay invisible at South, also by their ids", () => AskForHiddenAsync(ct));
        await teller.StepAsync("A nurse at East gets nothing", () => AskInVainAsync(eastNurse, ct));
        await teller.StepAsync("The patient sees who obtained what, why and under which consent", () => SeeAccessLogAsync(ct));
        await teller.StepAsync("The patient downloads the receipt of the grant, which verifies offline against the genesis block", () => VerifyReceiptAsync(ct));
        await teller.StepAsync("The patient revokes", () => RevokeAsync(ct));
        await teller.StepAsync("South asks again and gets nothing; what it had is closed", () => AskAfterRevocationAsync(ct));
        using var emergency = new EmergencyStory(consortium, teller, patient, device.PatientId, glucoseId);
        await emergency.PlayAsync(ct);
        await teller.StepAsync("The patient erases what is shared, and each hospital destroys its keys and says so", () => EraseAsync(ct));
    }

    private async Task<string> SendMessagesAsync(CancellationToken ct)
    {
        var codes = new List<string>();
        await using var mllp = await Hl7.Mllp.MllpClient.ConnectAsync(
            "127.0.0.1", consortium.Ports.Mllp(SandboxMember.North.Number), cancellationToken: ct);
        foreach (var name in new[] { Samples.Registration, Samples.Glucose, Samples.Hiv, Samples.ChestImage })
            codes.Add((await mllp.SendAsync(Samples.Read(name), ct)).Code);
        StoryTeller.Check(codes.All(code => code is "AA" or "CA"), $"the acknowledgements are {string.Join(' ', codes)}");
        return string.Join(' ', codes);
    }

    private async Task<string> RegisterPasskeyAsync(CancellationToken ct)
    {
        var patientId = (await northRegistrar.PatientOfAsync(Samples.PatientNumber, ct))["patientId"]!.GetValue<string>();
        device = new PatientDevice(patientId, SoftwareAuthenticator.Create(
            SandboxMember.North.Host, SandboxNode.OriginOf(SandboxMember.North, consortium.Ports)));
        (await northRegistrar.PostAsync($"patients/{patientId}/first-credential", device.Credential, LedgerJson.Default.Credential, ct))
            .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        var signIn = new SignIn(SandboxMember.North.Key, consortium.Node(SandboxMember.North).Url, "Anna Keller", "patient",
            Sandbox.SignIn.NewToken(), patientId);
        consortium.Admit(signIn);
        patient = new NodeApi(signIn);
        var entry = await StoryTeller.WaitForAsync("the patient's sign-in", async () =>
            await patient.GetAsync($"patients/{patientId}", ct) is { Status: HttpStatusCode.OK } answer
                && answer.Json["labelKey"] is not null ? answer : null, ct);
        labelKey = Base64Url.DecodeFromChars(entry.Json["labelKey"]!.GetValue<string>());
        return patientId;
    }

    private async Task<string> WaitForRecordsAsync(CancellationToken ct)
    {
        var records = await StoryTeller.WaitForAsync("five records on the channel", async () =>
            (await patient.GetAsync($"patients/{device.PatientId}/records", ct)).Expect(HttpStatusCode.OK).Json["records"]!.AsArray()
                is { Count: 5 } all ? all : null, ct);
        // One by a code that all know, the other by North's own: both are what the patient keeps from South.
        var label = Token.Compute(labelKey, TokenDimension.Label, HivLabel);
        var labelled = records.Count(record => record!["labels"]!.AsArray().Any(token => token!.GetValue<string>() == label));
        StoryTeller.Check(labelled == 2, $"{labelled} records are labelled {HivLabel}");
        return $"{records.Count} records";
    }

    private async Task<string> LinkSouthAsync(CancellationToken ct)
    {
        var (_, link) = device.Sign(new LinkBody(SandboxMember.South.MspId));
        (await patient.PostAsync($"patients/{device.PatientId}/links", link, LedgerJson.Default.SignedStatement, ct))
            .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        await StoryTeller.WaitForAsync("the link at South", async () =>
            (await southRegistrar.PostAsync("patients",
                new JsonObject { ["number"] = "S-88412", ["authority"] = "SOUTH", ["patientId"] = device.PatientId }, ct))
            is { Status: HttpStatusCode.OK or HttpStatusCode.Created } answer ? answer : null, ct);
        return SandboxMember.South.MspId;
    }

    private async Task<string> GrantAsync(CancellationToken ct)
    {
        var now = LedgerTime.Truncate(TimeProvider.System.GetUtcNow());
        (grantId, var signed) = device.Sign(new GrantBody(
            Effect.Permit,
            [
                new Provision
                {
                    Who = [new WhoOrg(SandboxMember.South.MspId, "physician")],
                    Purpose = [Treatment],
                    Category = [Token.Compute(labelKey, TokenDimension.Category, Laboratory)],
                    Except = [new Provision { Labels = [Token.Compute(labelKey, TokenDimension.Label, HivLabel)] }],
                },
            ],
            new Period(now, now.AddDays(30))));
        (await patient.PostAsync($"patients/{device.PatientId}/consents", signed, LedgerJson.Default.SignedStatement, ct))
            .Expect(HttpStatusCode.Created);
        return grantId;
    }

    private async Task<string> AskAsync(CancellationToken ct)
    {
        // South may still be waiting for the label key that North seals for it, without which no category can be found.
        var answer = await StoryTeller.WaitForAsync("South's label key", async () =>
            await AskForLaboratoryAsync(southPhysician, ct) is { } asked && asked["records"]!.AsArray().Count > 0 ? asked : null, ct);
        var records = answer["records"]!.AsArray();
        StoryTeller.Check(records.Count == 1, $"{records.Count} records were permitted");
        accessId = answer["id"]!.GetValue<string>();
        glucoseId = records[0]!["recordId"]!.GetValue<string>();
        return $"{accessId}, {glucoseId}";
    }

    private async Task<string> ReadAsync(CancellationToken ct)
    {
        var content = await StoryTeller.WaitForAsync("the record's key", async () =>
        {
            var answer = await southPhysician.GetAsync(ReadPath, ct);
            return answer.Expect(HttpStatusCode.OK, HttpStatusCode.Accepted).Status is HttpStatusCode.OK ? answer : null;
        }, ct);
        StoryTeller.Check(content.MediaType == "application/hl7-v2", $"the content type is {content.MediaType}");
        StoryTeller.Check(content.Body.AsSpan().SequenceEqual(Samples.Read(Samples.Glucose)), "the bytes are not those that North received");
        return $"{content.Body.Length} bytes";
    }

    private async Task<string> AskForHiddenAsync(CancellationToken ct)
    {
        var all = (await patient.GetAsync($"patients/{device.PatientId}/records", ct)).Json["records"]!.AsArray();
        var hidden = all.Select(record => record!["recordId"]!.GetValue<string>()).Where(id => id != glucoseId).ToArray();
        var asked = await AskForRecordsAsync(southPhysician, hidden, ct);
        StoryTeller.Check(asked["records"]!.AsArray().Count == 0, "a hidden record was permitted");
        var path = $"access-requests/{asked["id"]!.GetValue<string>()}/records/";
        var forbidden = await southPhysician.GetAsync(path + hidden[0], ct);
        var absent = await southPhysician.GetAsync(path + LedgerId.New(IdKind.Record), ct);
        forbidden.Expect(HttpStatusCode.NotFound);
        absent.Expect(HttpStatusCode.NotFound);
        StoryTeller.Check(forbidden.Json["code"]!.GetValue<string>() == absent.Json["code"]!.GetValue<string>(), "forbidden and absent differ");
        return forbidden.Json["code"]!.GetValue<string>();
    }

    private async Task<string> AskInVainAsync(NodeApi reader, CancellationToken ct)
    {
        var all = (await patient.GetAsync($"patients/{device.PatientId}/records", ct)).Json["records"]!.AsArray();
        var byId = await AskForRecordsAsync(reader, [.. all.Select(record => record!["recordId"]!.GetValue<string>())], ct);
        StoryTeller.Check(byId["records"]!.AsArray().Count == 0, "a record was permitted by its id");
        var byCategory = await AskForLaboratoryAsync(reader, ct);
        StoryTeller.Check(byCategory["records"]!.AsArray().Count == 0, "a record was permitted by its category");
        return "by id and by category";
    }

    private async Task<string> SeeAccessLogAsync(CancellationToken ct)
    {
        // North's copy takes over East's refused attempt a moment after East was answered, as it does South's.
        await StoryTeller.WaitForAsync("South's access and East's attempt", async () =>
        {
            var text = (await patient.GetAsync($"patients/{device.PatientId}/access-log", ct)).Expect(HttpStatusCode.OK).Json.ToJsonString();
            return new[] { accessId, grantId, SandboxMember.East.MspId }.All(part => text.Contains(part, StringComparison.Ordinal)) ? text : null;
        }, ct);
        return $"{SandboxMember.South.MspId}, {Treatment}, {grantId}";
    }

    private async Task<string> VerifyReceiptAsync(CancellationToken ct)
    {
        // Another member's node may have the block a moment later, or be busy: both answers say to ask again.
        var receipt = await StoryTeller.WaitForAsync("the receipt", async () =>
            (await patient.GetAsync($"patients/{device.PatientId}/consents/{grantId}/receipt", ct))
                .Expect(HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable)
                is { Status: HttpStatusCode.OK } answer ? answer.Body : null, ct);
        var report = ReceiptVerifier.Verify(receipt, await consortium.TrustAsync(ct));
        StoryTeller.Check(report is { Ok: true, Anchored: true }, report.Checks[^1].Text);
        var changed = (byte[])receipt.Clone();
        changed[changed.Length / 2] ^= 1;
        StoryTeller.Check(!ReceiptVerifier.Verify(changed, await consortium.TrustAsync(ct)).Ok, "a receipt verifies in which a byte was changed");
        return $"{receipt.Length} bytes, signed by nodes of {string.Join(" and ", report.Receipt!.Nodes)}, endorsed by {string.Join(", ", report.Receipt.Endorsers)}";
    }

    private async Task<string> RevokeAsync(CancellationToken ct)
    {
        var (id, signed) = device.Sign(new RevokeBody(grantId));
        (await patient.PostAsync($"patients/{device.PatientId}/consents/{grantId}/revocation", signed, LedgerJson.Default.SignedStatement, ct))
            .Expect(HttpStatusCode.OK, HttpStatusCode.Created);
        return id;
    }

    private async Task<string> AskAfterRevocationAsync(CancellationToken ct)
    {
        var asked = await AskForLaboratoryAsync(southPhysician, ct);
        StoryTeller.Check(asked["records"]!.AsArray().Count == 0, "a record was permitted after the revocation");
        await StoryTeller.WaitForAsync("the earlier access to close", async () =>
            (await southPhysician.GetAsync(ReadPath, ct)).Status is HttpStatusCode.NotFound ? "" : null, ct);
        return "404";
    }

    private async Task<string> EraseAsync(CancellationToken ct)
    {
        var path = $"patients/{device.PatientId}/erasure";
        (await patient.PostAsync(path, device.Sign(new EraseBody()).Signed, LedgerJson.Default.SignedStatement, ct)).Expect(HttpStatusCode.Accepted);
        // East knows the patient from the emergency alone.
        var hospitals = await StoryTeller.WaitForAsync("every hospital's report", async () =>
        {
            var states = (await patient.GetAsync(path, ct)).Expect(HttpStatusCode.OK).Json["hospitals"]!.AsArray();
            return states.All(hospital => hospital!["state"]!.GetValue<string>() == "done") ? states : null;
        }, ct);
        (await northRegistrar.PostAsync($"patients/{device.PatientId}/links", device.Sign(new LinkBody(SandboxMember.East.MspId)).Signed,
            LedgerJson.Default.SignedStatement, ct)).Expect(HttpStatusCode.UnprocessableEntity);
        return string.Join(", ", hospitals.Select(hospital => hospital!["member"]!.GetValue<string>()));
    }

    private Task<JsonNode> AskForLaboratoryAsync(NodeApi reader, CancellationToken ct) =>
        AskAsync(reader, new JsonObject { ["categories"] = new JsonArray(Laboratory) }, ct);

    private Task<JsonNode> AskForRecordsAsync(NodeApi reader, string[] recordIds, CancellationToken ct) =>
        AskAsync(reader, new JsonObject { ["recordIds"] = new JsonArray([.. recordIds.Select(id => JsonValue.Create(id))]) }, ct);

    private async Task<JsonNode> AskAsync(NodeApi reader, JsonObject what, CancellationToken ct)
    {
        what["patientId"] = device.PatientId;
        what["purpose"] = Treatment;
        return (await reader.PostAsync("access-requests", what, ct)).Expect(HttpStatusCode.Created, HttpStatusCode.OK).Json;
    }
}
