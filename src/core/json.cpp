#include "core/json.hpp"

#include <simdjson.h>

#include <bit>
#include <cmath>

namespace evenkeel {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Json is simdjson's element (document and place on its tape) under a name that keeps simdjson out of every header.
static_assert(sizeof(Json) == sizeof(element) && std::is_trivially_copyable_v<element>);

element element_of(const Json& json) noexcept { return std::bit_cast<element>(json); }
Json json_of(const element& from) noexcept { return std::bit_cast<Json>(from); }

}  // namespace

Json::Kind Json::kind() const noexcept {
    if (document_ == nullptr) return Kind::missing;
    switch (element_of(*this).type()) {
        case element_type::ARRAY: return Kind::array;
        case element_type::OBJECT: return Kind::object;
        case element_type::STRING: return Kind::string;
        case element_type::BOOL: return Kind::boolean;
        case element_type::NULL_VALUE: return Kind::null;
        default: return Kind::number;
    }
}

Json Json::operator[](std::string_view name) const noexcept {
    if (!is_object()) return {};
    element value;
    return element_of(*this).at_key(name).get(value) == simdjson::SUCCESS ? json_of(value) : Json{};
}

Json Json::at(std::size_t index) const noexcept {
    if (!is_array()) return {};
    element value;
    return element_of(*this).at(index).get(value) == simdjson::SUCCESS ? json_of(value) : Json{};
}

std::size_t Json::size() const noexcept {
    switch (kind()) {
        case Kind::array: return element_of(*this).get_array().value_unsafe().size();
        case Kind::object: return element_of(*this).get_object().value_unsafe().size();
        default: return 0;
    }
}

std::vector<Json> Json::elements() const {
    std::vector<Json> all;
    if (is_array())
        for (const element each : element_of(*this).get_array().value_unsafe()) all.push_back(json_of(each));
    return all;
}

std::vector<std::pair<std::string_view, Json>> Json::members() const {
    std::vector<std::pair<std::string_view, Json>> all;
    if (is_object())
        for (const auto& [name, value] : element_of(*this).get_object().value_unsafe())
            all.emplace_back(name, json_of(value));
    return all;
}

std::optional<std::string_view> Json::string() const noexcept {
    if (kind() != Kind::string) return std::nullopt;
    return element_of(*this).get_string().value_unsafe();
}

std::optional<bool> Json::boolean() const noexcept {
    if (kind() != Kind::boolean) return std::nullopt;
    return element_of(*this).get_bool().value_unsafe();
}

std::optional<std::int64_t> Json::integer() const noexcept {
    if (kind() != Kind::number) return std::nullopt;
    std::int64_t whole = 0;
    if (element_of(*this).get_int64().get(whole) == simdjson::SUCCESS) return whole;
    constexpr double exact_below = 0x1p53;  // Beyond it a double no longer holds every whole number.
    const double value = *number();
    if (std::abs(value) < exact_below && value == std::trunc(value)) return static_cast<std::int64_t>(value);
    return std::nullopt;
}

std::optional<double> Json::number() const noexcept {
    if (kind() != Kind::number) return std::nullopt;
    double value = 0;
    return element_of(*this).get_double().get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
}

std::string Json::to_text() const {
    return is_missing() ? std::string() : std::string(simdjson::minify(element_of(*this)));
}

struct JsonDoc::Impl {
    simdjson::dom::parser parser;
    Json root;
};

JsonDoc::JsonDoc() : impl_(std::make_unique<Impl>()) {}
JsonDoc::~JsonDoc() = default;
JsonDoc::JsonDoc(JsonDoc&&) noexcept = default;
JsonDoc& JsonDoc::operator=(JsonDoc&&) noexcept = default;

Result<Json> JsonDoc::parse(std::string_view text) {
    impl_->root = {};
    const std::size_t room = std::max<std::size_t>(text.size(), impl_->parser.capacity());
    auto error = impl_->parser.allocate(room, json_depth_max);
    element root;
    if (error == simdjson::SUCCESS) error = impl_->parser.parse(text.data(), text.size(), true).get(root);
    if (error != simdjson::SUCCESS)
        return provider_fault(ErrorClass::bad_answer, Scope::request, simdjson::error_message(error), "invalid_json");
    impl_->root = json_of(root);
    return impl_->root;
}

Json JsonDoc::root() const noexcept { return impl_->root; }

}  // namespace evenkeel
