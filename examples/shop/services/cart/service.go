package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	shopv1 "landfall.example/shop/proto/shop/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Service answers the cart's methods from the store.
type Service struct {
	shopv1.UnimplementedCartServiceServer
	store *Store
}

var (
	sessionPattern = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
	productPattern = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
)

// AddItem adds to what is already there.
func (s *Service) AddItem(ctx context.Context, in *shopv1.AddItemRequest) (*shopv1.AddItemResponse, error) {
	item := in.GetItem()
	price := item.GetUnitPrice()
	switch {
	case !productPattern.MatchString(item.GetProductId()):
		return nil, invalid("item.product_id")
	case item.GetQuantity() < 1 || item.GetQuantity() > maxQuantity:
		return nil, invalid("item.quantity: from 1 to %d", maxQuantity)
	case item.GetName() == "" || len(item.GetName()) > 200:
		return nil, invalid("item.name")
	case price.GetCurrencyCode() != "EUR" || price.GetMinorUnits() < 0 || price.GetMinorUnits() > 1e9:
		return nil, invalid("item.unit_price: euros only")
	}
	cart, err := s.change(ctx, in.GetSessionId(), func(session string) error {
		return s.store.Add(ctx, session, item)
	})
	return &shopv1.AddItemResponse{Cart: cart}, err
}

// RemoveItem takes a product out whatever its quantity.
func (s *Service) RemoveItem(ctx context.Context, in *shopv1.RemoveItemRequest) (*shopv1.RemoveItemResponse, error) {
	if !productPattern.MatchString(in.GetProductId()) {
		return nil, invalid("product_id")
	}
	cart, err := s.change(ctx, in.GetSessionId(), func(session string) error {
		return s.store.Remove(ctx, session, in.GetProductId())
	})
	return &shopv1.RemoveItemResponse{Cart: cart}, err
}

// GetCart reads.
func (s *Service) GetCart(ctx context.Context, in *shopv1.GetCartRequest) (*shopv1.GetCartResponse, error) {
	cart, err := s.change(ctx, in.GetSessionId(), func(string) error { return nil })
	return &shopv1.GetCartResponse{Cart: cart}, err
}

// ClearCart empties.
func (s *Service) ClearCart(ctx context.Context, in *shopv1.ClearCartRequest) (*shopv1.ClearCartResponse, error) {
	cart, err := s.change(ctx, in.GetSessionId(), func(session string) error {
		return s.store.Clear(ctx, session)
	})
	return &shopv1.ClearCartResponse{Cart: cart}, err
}

// change works on the session's cart and answers with the whole of it, its errors as gRPC's.
func (s *Service) change(ctx context.Context, session string, work func(session string) error) (*shopv1.Cart, error) {
	if !sessionPattern.MatchString(session) {
		return nil, invalid("session_id")
	}
	err := work(session)
	if err == nil {
		var cart *shopv1.Cart
		if cart, err = s.store.Get(ctx, session); err == nil {
			return cart, nil
		}
	}
	switch {
	case errors.Is(err, ErrFull):
		return nil, status.Errorf(codes.ResourceExhausted, "%v: %d of a product, %d products", err, maxQuantity, maxProducts)
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	default:
		return nil, status.Errorf(codes.Unavailable, "the carts are away: %v", err)
	}
}

func invalid(format string, values ...any) error {
	return status.Error(codes.InvalidArgument, fmt.Sprintf(format, values...))
}
