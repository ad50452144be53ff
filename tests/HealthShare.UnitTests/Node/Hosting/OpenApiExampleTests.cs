using System.Text.Json;
using System.Text.RegularExpressions;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Hosting;

/// <summary>The description says all, by examples that the interface itself takes.</summary>
public sealed partial class OpenApiExampleTests
{
    [Theory]
    [InlineData("Hospital")]
    [InlineData("Regulator")]
    public async Task Every_body_and_every_answer_of_every_operation_has_an_example(string kind)
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Node:Kind"] = kind });
        using var client = node.Client();
        var document = await client.GetOkAsync("/openapi/v1.json");
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var missing = new List<string>();
        var seen = 0;
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/api/", StringComparison.Ordinal)))
        {
            foreach (var operation in path.Value.EnumerateObject().Where(operation => operation.Value.ValueKind is JsonValueKind.Object))
            {
                var name = $"{operation.Name} {path.Name}";
                if (operation.Value.TryGetProperty("requestBody", out var body))
                    Check(missing, $"{name} body", body);
                var answers = operation.Value.GetProperty("responses").EnumerateObject().ToList();
                Assert.NotEmpty(answers);
                foreach (var answer in answers)
                    Check(missing, $"{name} {answer.Name}", answer.Value);
                seen++;
            }
        }
        Assert.True(seen > 40);
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public async Task Every_example_of_a_body_is_one_that_the_interface_reads()
    {
        await using var node = await NodeHost.StartAsync();
        var options = node.App.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var types = node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()).OfType<IAcceptsMetadata>()
            .Where(accepts => accepts.ContentTypes.Contains("application/json")).Select(accepts => accepts.RequestType).OfType<Type>().Distinct().ToList();
        Assert.True(types.Count > 12);
        foreach (var type in types)
        {
            var example = new Examples(options).Of(type)!.ToJsonString();
            try
            {
                Assert.NotNull(JsonSerializer.Deserialize(example, options.GetTypeInfo(type)));
            }
            catch (JsonException e)
            {
                Assert.Fail($"{type.Name}: {e.Message}\n{example}");
            }
        }
    }

    [Fact]
    public void Every_code_that_the_node_answers_with_is_listed_and_documented()
    {
        var listed = ProblemCodes.All.Select(code => code.Code).ToHashSet(StringComparer.Ordinal);
        var used = Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, "node", "HealthShare.Node"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Used().Matches(File.ReadAllText(file))).Select(match => match.Groups["code"].Value).Distinct().ToList();
        Assert.True(used.Count > 20);
        Assert.Empty(used.Except(listed));
        var document = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "api.md"));
        Assert.All(ProblemCodes.All, code => Assert.Contains($"| {code.Status} | `{code.Code}` |", document, StringComparison.Ordinal));
    }

    private static void Check(List<string> missing, string name, JsonElement part)
    {
        if (!part.TryGetProperty("content", out var contents))
            return; // no body, such as 204
        foreach (var content in contents.EnumerateObject())
        {
            if (!content.Value.TryGetProperty("example", out var example) || example.ValueKind is JsonValueKind.Null)
                missing.Add($"{name} ({content.Name}) has no example.");
        }
    }

    [GeneratedRegex("""(?:new ApiProblem|new)\(\s*StatusCodes\.\w+,\s*"(?<code>[a-z_]+\.[a-z_]+)"|StatusCodes\.Status\w+ => "(?<code>[a-z_]+\.[a-z_]+)",""" + "", RegexOptions.ExplicitCapture)]
    private static partial Regex Used();
}
