using System.CommandLine;
using System.Text;
using System.Text.Json;
using HealthShare.Node.Cli;

namespace HealthShare.UnitTests.Node.Cli;

public sealed class Hl7InspectCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("inspect").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Each_message_gives_one_line_with_exactly_the_named_members()
    {
        var file = Write("two.hl7", Encoding.Latin1.GetBytes(
            "MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5\rPID|1||7&x^^^H~8||M\u00fcller&v^Zo\u00eb\\F\\^Q\rZZZ|1\rOBX|1\rOBX|2\rMSH|^~\\&|A\r"));
        var (exit, output, _) = await RunAsync(file);
        Assert.Equal(0, exit);
        using var first = JsonDocument.Parse(output[0]);
        using var expected = JsonDocument.Parse(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["file"] = file, ["index"] = 0, ["msh9"] = "ADT^A01", ["msh10"] = "1", ["msh12"] = "2.5", ["pid3_1"] = "7", ["pid5_1"] = "Müller",
            ["pid5_2"] = "Zoë\\F\\", ["segments"] = new Dictionary<string, int> { ["MSH"] = 1, ["PID"] = 1, ["ZZZ"] = 1, ["OBX"] = 2 },
            ["segmentTotal"] = 5, ["obx"] = 2,
        }));
        Assert.True(JsonElement.DeepEquals(expected.RootElement, first.RootElement), output[0]);
        using var second = JsonDocument.Parse(output[1]);
        Assert.Equal((1, ""), (second.RootElement.GetProperty("index").GetInt32(), second.RootElement.GetProperty("msh10").GetString()));
        Assert.Equal(2, output.Length);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_gives_its_reason_and_position_and_exit_0()
    {
        var file = Write("bad.hl7", "MSH|^~\\&|A\rPIDX|1\rMSH|^~\\&|B\r"u8.ToArray());
        var (exit, output, _) = await RunAsync(file);
        using var json = JsonDocument.Parse(output[0]);
        Assert.Equal(["file", "index", "error", "offset"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal((0, 14), (exit, json.RootElement.GetProperty("offset").GetInt32()));
        Assert.Equal(2, output.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just words")]
    [InlineData("BHS|^~\\&|x")]
    public async Task A_file_without_a_message_says_so_and_exits_1(string content)
    {
        var (exit, output, _) = await RunAsync(Write("none.hl7", Encoding.UTF8.GetBytes(content)));
        Assert.Equal(1, exit);
        Assert.Contains("error", Assert.Single(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_the_others_are_still_inspected()
    {
        var (exit, output, errors) = await RunAsync(Path.Combine(folder, "absent.hl7"), Write("ok.hl7", "MSH|^~\\&|A"u8.ToArray()));
        Assert.Equal(1, exit);
        Assert.Single(output);
        Assert.Contains("absent.hl7", errors, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task<(int Exit, string[] Output, string Errors)> RunAsync(params string[] files)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await Hl7InspectCommand.Create().Parse(files)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        return (exit, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries), errors.ToString());
    }
}
