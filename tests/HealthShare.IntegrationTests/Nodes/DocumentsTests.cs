using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Auth;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>Documents inside a message, over the channel and back.</summary>
[Collection(NodesCollection.Name)]
public sealed class DocumentsTests(NodesOnAChannel nodes)
{
    private const string Patients = "/api/v1/patients", Requests = "/api/v1/access-requests";
    private const int DocumentBytes = 7_500_000; // ten megabytes as Base64

    [ChannelFact]
    public async Task A_message_of_ten_megabytes_is_read_as_it_came_and_each_of_its_documents_by_itself()
    {
        var number = $"MRN-DOC-{Guid.NewGuid():n}";
        byte[] pdf = [.. "%PDF-1.7"u8, .. RandomNumberGenerator.GetBytes(DocumentBytes)];
        var image = RandomNumberGenerator.GetBytes(60_000);
        var message = Encoding.ASCII.GetBytes($"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|{number}|P|2.5.1\r"
            + $"PID|1||{number}^^^NORTH^MR||Test^Person\rOBR|1|||24323-8^Panel^LN|||20260301083000+0100\r"
            + $"OBX|1|ED|18842-5^Report^LN||^application^pdf^Base64^{Convert.ToBase64String(pdf)}||||||F\r"
            + $"OBX|2|ED|18748-4^Image^LN||^image^png^Hex^{Convert.ToHexString(image)}||||||F\rNTE|1||the end\r");
        using var registrar = nodes.North.Client(Role.Registrar);
        var patientId = (await registrar.PostAsync(Patients, new JsonObject { ["number"] = number, ["authority"] = "NORTH" }, HttpStatusCode.Created))
            .GetProperty("patientId").GetString()!;
        using var system = nodes.North.Client(Role.System);
        using (var taken = await system.PostAsync("/api/v1/messages", new ByteArrayContent(message) { Headers = { ContentType = new("application/hl7-v2") } }))
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);

        using var auditor = nodes.North.Client(Role.Auditor);
        var recordId = "";
        await Eventually.UntilAsync(async () =>
        {
            using var records = await auditor.GetAsync($"{Patients}/{patientId}/records");
            if (!records.IsSuccessStatusCode)
                return false;
            var list = (await records.JsonAsync()).GetProperty("records");
            if (list.GetArrayLength() == 0)
                return false;
            Assert.Equal(1, list.GetArrayLength()); // the documents are no records of their own to anybody
            Assert.True(list[0].GetProperty("size").GetInt64() < 4096);
            recordId = list[0].GetProperty("recordId").GetString()!;
            return true;
        });
        using var physician = nodes.North.Client(Role.Physician);
        var asked = default(System.Text.Json.JsonElement);
        // The channel shows the record a moment before the node that registered it has noted so, and gives it out.
        await Eventually.UntilAsync(async () =>
        {
            asked = await physician.PostAsync(Requests, new JsonObject
            {
                ["patientId"] = patientId, ["purpose"] = "TREAT", ["recordIds"] = new JsonArray(recordId),
            }, HttpStatusCode.Created);
            return asked.GetProperty("records").GetArrayLength() > 0;
        });
        Assert.Equal(2, asked.GetProperty("records")[0].GetProperty("parts").GetInt32());
        var record = $"{Requests}/{asked.GetProperty("id").GetString()}/records/{recordId}";
        Assert.Equal(message, await BytesAsync(physician, record));
        Assert.Equal(pdf, await BytesAsync(physician, $"{record}/parts/1"));
        Assert.Equal(image, await BytesAsync(physician, $"{record}/parts/2"));
    }

    private static async Task<byte[]> BytesAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
